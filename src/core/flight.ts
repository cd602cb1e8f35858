/**
 * One load of one key, and everybody who waits for it.
 *
 * Opened, run and closed by `lookup.ts`. Callers come and go without it: one that aborts or runs out
 * of time leaves, and the load goes on for the others. Only when the last one has aborted is the
 * loader told to stop.
 */

import type { LoadEvent } from '../contracts/events.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { SharedEntry } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Answer } from './answer.ts'
import { PATIENCE_MS } from './loads.ts'
import type { Reservation } from './reservations.ts'

/**
 * What the shared tier has just said of the key: it has nothing, it did not answer, or it has bytes that
 * nobody here can read, which were counted. `newer`: of a later release, which stays.
 */
export type Asked =
  | 'missed'
  | 'unanswered'
  | { readonly unreadable: SharedEntry; readonly newer: boolean }

export interface FlightOptions {
  readonly key: CacheKey
  readonly reservation: Reservation
  readonly reason: Exclude<LoadEvent['reason'], 'warming'>
  /** Goes to the source past all tiers, for one caller alone. */
  readonly uncached: boolean
  /** `undefined`: the tier is still to be asked. */
  readonly asked: Asked | undefined
  readonly openedAt: number
  /** What whoever opens it is ready to wait, in milliseconds. */
  readonly hardMs: number
  /** A graced entry that is at hand already. */
  readonly fallback: Fallback | undefined
  /** What the loader is told to be there, where that may not be answered. */
  readonly previous: MemoryEntry | undefined
  /** Of copies of what the shared tier has; `undefined`: as the collection says. */
  readonly memoryTtlMs: number | undefined
}

/** A graced entry, and the tier that has it. */
export interface Fallback {
  readonly entry: MemoryEntry
  readonly tier: 'memory' | 'shared'
}

/** One who waits for a flight. */
export interface FlightSeat {
  /** They have an answer, or have run out of time; what the load brings is kept all the same. */
  answered(): void
  /** They want it no more. The last one to say so stops the loader. */
  aborted(reason: unknown): void
}

export class Flight {
  readonly key: CacheKey
  readonly reservation: Reservation
  readonly reason: Exclude<LoadEvent['reason'], 'warming'>
  readonly uncached: boolean
  readonly asked: Asked | undefined
  readonly openedAt: number
  readonly hardMs: number
  /** What its load may take. */
  readonly patienceMs: number
  /**
   * On the monotonic clock: who comes later gives a load up that has not settled. Its signal aborts, what it
   * still brings is dropped, and another is begun. Its lease is kept no longer.
   */
  readonly abandonedAt: number
  readonly #outcome = Promise.withResolvers<Answer>()
  readonly #controller = new AbortController()
  #onFallback: Set<() => void> | undefined
  readonly memoryTtlMs: number | undefined
  readonly previous: MemoryEntry | undefined
  #fallback: Fallback | undefined
  #waiting = 0
  /** Somebody was answered early or ran out of time, or is yet to come: the result is to be kept. */
  #wanted: boolean
  /** The loader has been asked: who comes now may be given what was read before. */
  loading = false

  constructor(options: FlightOptions) {
    this.key = options.key
    this.reservation = options.reservation
    this.reason = options.reason
    this.uncached = options.uncached
    this.asked = options.asked
    this.openedAt = options.openedAt
    this.hardMs = options.hardMs
    this.patienceMs = Math.max(PATIENCE_MS, options.hardMs)
    this.abandonedAt = options.openedAt + this.patienceMs
    this.#fallback = options.fallback
    this.memoryTtlMs = options.memoryTtlMs
    this.previous = options.previous
    this.#wanted = options.reason === 'ahead'
    // All callers may have left by the time it fails; that is not an unhandled rejection.
    this.#outcome.promise.catch(() => {})
  }

  get outcome(): Promise<Answer> {
    return this.#outcome.promise
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** What may be answered if the load is slow or fails. */
  get fallback(): Fallback | undefined {
    return this.#fallback
  }

  /** A graced entry was found on the way; those whose patience has ended take it now. */
  offer(fallback: Fallback): void {
    this.#fallback = fallback
    for (const listener of this.#onFallback ?? []) listener()
  }

  onFallback(listener: () => void): () => void {
    this.#onFallback ??= new Set()
    const listeners = this.#onFallback
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Somebody waits, until they leave by one of the two doors. */
  join(): FlightSeat {
    this.#waiting += 1
    return {
      answered: () => {
        this.#waiting -= 1
        this.#wanted = true
      },
      aborted: (reason) => {
        this.#waiting -= 1
        if (this.#waiting === 0 && !this.#wanted) this.abort(reason)
      },
    }
  }

  /** Somebody waits for it. */
  get awaited(): boolean {
    return this.#waiting > 0
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }

  succeed(answer: Answer): void {
    this.#outcome.resolve(answer)
  }

  fail(error: unknown): void {
    this.#outcome.reject(error)
  }
}
