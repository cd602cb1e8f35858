/**
 * Numbers of changes where no server counts: microseconds of this process's wall clock, each above the
 * last, and above whatever was read of others.
 */

/** Clocks of processes are expected to differ by no more. */
const SKEW_MS = 1_000
/** A number further ahead is no number of ours. */
const MOST_AHEAD_MS = 86_400_000
const PER_MS = 1_000

export class ChangeNumbers {
  readonly #now: () => number
  #last = 0

  constructor(now: () => number) {
    this.#now = now
  }

  get last(): number {
    return this.#last
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, Math.floor(this.#now() * PER_MS))
    return this.#last
  }

  /**
   * Of a removal of many keys at once, which is told by no key of theirs: above the numbers of loads that
   * others with a clock ahead have begun before it.
   */
  nextAhead(): number {
    this.#last = Math.max(this.#last + 1, Math.floor((this.#now() + SKEW_MS) * PER_MS))
    return this.#last
  }

  /** When the removal was, by the clock of whoever made it. */
  timeOf(removal: number): number {
    return removal / PER_MS - SKEW_MS
  }

  /** Read of others. `false`: it cannot be a number. */
  heard(number: number): boolean {
    if (number > (this.#now() + MOST_AHEAD_MS) * PER_MS) return false
    this.#last = Math.max(this.#last, number)
    return true
  }
}
