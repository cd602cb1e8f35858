/**
 * How many writes a store is given in one call: fewer once a call took too long, and slowly more again.
 * Kept from one batch to the next, as a store that is slow stays so for a while.
 */

/** A call that took too long costs all its time: few of them are to find the right number. */
const LESS = 8
const MORE = 4

export class StorePace {
  #most = Number.POSITIVE_INFINITY
  #isLate = false

  /** Writes in one call at most. */
  get most(): number {
    return this.#most
  }

  /** One alone says nothing of how many are too many. */
  tookTooLong(count: number): void {
    this.#isLate = true
    if (count > 1) this.#most = Math.max(1, Math.floor(count / LESS))
  }

  /** Not sooner than at the end of a batch: what took too long in it is to come alone the next time. */
  batchEnded(): void {
    if (!this.#isLate) this.#most += Math.ceil(this.#most / MORE)
    this.#isLate = false
  }
}
