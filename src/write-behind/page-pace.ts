/**
 * How many batches are taken from the shared tier at once: what it costs to ask does not grow with what is
 * asked for. Few where the store is slow: what is taken is not replaced by later writes of its keys.
 */

/** More would keep a server with one thread from its other callers for too long. */
const MOST_RECORDS = 300
const MOST_BATCHES = 4
/** What all of them are to take. */
const PAGE_MS = 100

export class PagePace {
  readonly #most: number
  #batches = 1

  /** `batch`: records in one call of the store at most. */
  constructor(batch: number) {
    this.#most = Math.max(1, Math.min(MOST_BATCHES, Math.floor(MOST_RECORDS / batch)))
  }

  get batches(): number {
    return this.#batches
  }

  /** So many calls of the store have taken so long, with all that is done around them. */
  took(elapsedMs: number, calls: number): void {
    const fitting = Math.floor((PAGE_MS * calls) / elapsedMs)
    this.#batches = Math.max(1, Math.min(this.#most, fitting))
  }
}
