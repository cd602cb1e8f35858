/**
 * The patterns that were removed in one shard: which keys each of them touches, and whether its sweep
 * has come to its end.
 *
 * Used by `ShardView`. An ended pattern is kept like a tag, since a value from before it may still be
 * on its way here.
 */

import type { Change, SharedKey } from '../contracts/shared-tier.ts'
import { compileGlob } from '../keys/glob.ts'

/** As many as a shard keeps. */
const MAX_PATTERNS = 100

type PatternChange = Extract<Change, { kind: 'pattern' }>

interface Pattern {
  readonly id: string
  readonly collection: string
  readonly number: number
  readonly heardAt: number
  readonly matches: (text: string) => boolean
  active: boolean
}

export class PatternNumbers {
  /** Ordered by number. */
  readonly #patterns = new Map<string, Pattern>()
  #newest = 0
  #forgotten = 0

  /** The highest number of a pattern that had to go; 0 if none had. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** `heardAt` on the monotonic clock. @returns whether keys are touched that were not before. */
  raise(change: PatternChange, number: number, heardAt: number): boolean {
    const { collection, pattern, active } = change
    const id = `${collection}:${pattern}`
    const known = this.#patterns.get(id)
    if (known !== undefined && number <= known.number) {
      // An end is final: what says otherwise is older.
      if (number === known.number) known.active &&= active
      return false
    }
    const matches = known?.matches ?? compile(pattern)
    this.#patterns.delete(id)
    this.#patterns.set(id, { id, collection, number, heardAt, matches, active })
    this.#newest = Math.max(this.#newest, number)
    if (this.#patterns.size > MAX_PATTERNS) this.#forgetOldest()
    return true
  }

  /** Whether a pattern with a number above `stamp` matches the key. */
  touchedSince(stamp: number, key: SharedKey): boolean {
    if (stamp >= this.#newest) return false
    let text: string | undefined
    for (const { collection, number, matches } of this.#patterns.values()) {
      if (number <= stamp || collection !== key.collection) continue
      text ??= textOf(key)
      if (matches(text)) return true
    }
    return false
  }

  /** The oldest that is still active and was heard of before `moment`. */
  activeSince(moment: number): number | undefined {
    for (const { number, active, heardAt } of this.#patterns.values()) {
      if (active && heardAt < moment) return number
    }
    return undefined
  }

  /** Nothing is left of what the pattern matched in the tier. */
  ended(number: number): void {
    for (const pattern of this.#patterns.values()) {
      if (pattern.number === number) pattern.active = false
    }
  }

  /** Drops what a floor says as well. */
  dropThrough(floor: number): void {
    for (const { id, number, active } of this.#patterns.values()) {
      // An active one is still to be swept, floor or not.
      if (number <= floor && !active) this.#patterns.delete(id)
    }
  }

  #forgetOldest(): void {
    for (const { id, number } of this.#patterns.values()) {
      this.#patterns.delete(id)
      this.#forgotten = Math.max(this.#forgotten, number)
      return
    }
  }
}

/** The key as its user wrote it: an id is `<collection>:<type><length>:<text>`. */
function textOf({ id, collection }: SharedKey): string {
  return id.slice(id.indexOf(':', collection.length + 1) + 1)
}

/** A pattern that cannot be read here was read by its remover: it may match anything. */
function compile(pattern: string): (text: string) => boolean {
  try {
    return compileGlob(pattern)
  } catch {
    return () => true
  }
}
