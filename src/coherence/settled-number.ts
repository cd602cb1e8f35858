/**
 * The highest number among those that were heard of more than half a second ago.
 *
 * Used by `ShardView` for removals of tags. Times are kept for slices of a tenth of a second, not for
 * each number, so a number settles at most that much too early.
 */

/** How far a reader that is itself connected may be behind. */
const SETTLE_MS = 500
const SLICE_MS = 100

interface Slice {
  readonly since: number
  number: number
}

export class SettledNumber {
  #settled = 0
  /** Oldest first; at most six, since each begins 100 ms after the one before and leaves after 500. */
  readonly #slices: Slice[] = []

  /** `now` on the monotonic clock. */
  heard(number: number, now: number): void {
    this.#settle(now)
    const last = this.#slices.at(-1)
    if (last === undefined || now - last.since >= SLICE_MS) {
      this.#slices.push({ since: now, number })
    } else {
      last.number = Math.max(last.number, number)
    }
  }

  /** Whether a number above `cursor` was heard of more than half a second before `now`. */
  above(cursor: number, now: number): boolean {
    this.#settle(now)
    return this.#settled > cursor
  }

  #settle(now: number): void {
    for (let first = this.#slices[0]; first !== undefined; first = this.#slices[0]) {
      if (now - first.since <= SETTLE_MS) return
      this.#settled = Math.max(this.#settled, first.number)
      this.#slices.shift()
    }
  }
}
