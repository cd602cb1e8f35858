/**
 * Checks clean-ups: nothing leaves that somebody has read in time and could tell of, and one that was
 * overtaken removes nothing.
 */

import type { Violation } from './violation.ts'

/** Whoever has read a key. */
export interface Reader {
  readonly name: string
  readonly dead: boolean
  readonly pausedUntil: number
  /** When it last went without an answer of the tier. */
  readonly troubledAt: number
}

export interface CleanUpJudgeParts {
  readonly now: () => number
  readonly found: (violation: Violation) => void
  /** How long entries stay without being read. */
  readonly afterMs: number
}

interface LastRead {
  readonly at: number
  readonly by: Reader
}

export class CleanUpJudge {
  readonly #parts: CleanUpJudgeParts
  /** By key, and by the name of who has read it. */
  readonly #reads = new Map<string, Map<string, LastRead>>()
  /** By shard: the greatest token that was met there. */
  readonly #tokens = new Map<number, number>()
  /** By shard: when a server has last forgotten something. */
  readonly #forgotAt = new Map<number, number>()

  constructor(parts: CleanUpJudgeParts) {
    this.#parts = parts
  }

  /** A cache has answered a read. */
  read(key: string, by: Reader): void {
    const reads = this.#reads.get(key) ?? new Map<string, LastRead>()
    this.#reads.set(key, reads)
    reads.set(by.name, { at: this.#parts.now(), by })
  }

  /** The shard goes on without something that it knew. */
  forgot(shard: number): void {
    this.#forgotAt.set(shard, this.#parts.now())
    this.#tokens.delete(shard)
  }

  /** A step of a clean-up was carried out, with these entries removed; `undefined`: it was refused. */
  cleaned(shard: number, token: number, keys: readonly string[] | undefined): void {
    const greatest = this.#tokens.get(shard) ?? 0
    this.#tokens.set(shard, Math.max(greatest, token))
    if (keys === undefined) return
    if (token < greatest) {
      this.#violated(`a clean-up of token ${token} goes on after ${greatest} has begun`)
    }
    for (const key of keys) this.#left(shard, key)
  }

  #left(shard: number, key: string): void {
    const { now, afterMs } = this.#parts
    for (const { at, by } of this.#reads.get(key)?.values() ?? []) {
      const agoMs = now() - at
      if (agoMs < afterMs && this.#couldTell(shard, at, by)) {
        this.#violated(`${key} has left, which ${by.name} had read ${Math.round(agoMs)} ms ago`)
      }
    }
  }

  /** A read is told of within seconds by whoever lives, runs and reaches the server. */
  #couldTell(shard: number, at: number, { dead, pausedUntil, troubledAt }: Reader): boolean {
    const forgotAt = this.#forgotAt.get(shard) ?? Number.NEGATIVE_INFINITY
    return !dead && pausedUntil < at && troubledAt < at && forgotAt < at
  }

  #violated(text: string): void {
    this.#parts.found({ guarantee: 'X4', at: this.#parts.now(), text })
  }
}
