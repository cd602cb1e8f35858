/**
 * Why keys are missed, of a sample of them: those whose hash ends in enough zeros. Of each it is known
 * until when an entry of it would have lived. The more keys there are, the fewer are watched.
 */

import type { Clock } from '../contracts/clock.ts'
import type { MissCause } from '../contracts/key-watch.ts'

/** About half a megabyte. */
const MAX_WATCHED = 8_192
/** Asked for, and nothing was kept. */
const UNKEPT = Number.NEGATIVE_INFINITY

export class MissWatch {
  readonly #clock: Clock
  /** By hash: when the life of its entry ends, on the monotonic clock. */
  readonly #ends = new Map<number, number>()
  #mask = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  missed(hash: number): MissCause | undefined {
    if ((hash & this.#mask) !== 0) return undefined
    const end = this.#ends.get(hash)
    if (end === UNKEPT) return 'unkept'
    // What was filled again says so itself; a miss that follows finds nothing kept.
    this.#remember(hash, UNKEPT)
    if (end === undefined) return 'first'
    return this.#clock.monotonic() >= end ? 'expired' : 'gone'
  }

  filled(hash: number, ttlMs: number): void {
    if ((hash & this.#mask) !== 0) return
    this.#remember(hash, this.#clock.monotonic() + ttlMs)
  }

  #remember(hash: number, end: number): void {
    this.#ends.set(hash, end)
    if (this.#ends.size <= MAX_WATCHED) return
    this.#mask = this.#mask * 2 + 1
    for (const known of this.#ends.keys()) {
      if ((known & this.#mask) !== 0) this.#ends.delete(known)
    }
  }
}
