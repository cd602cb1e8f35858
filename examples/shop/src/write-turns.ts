import { RequestError } from './request-error.ts'

/** Changes that may wait at once, of all products; more are refused rather than remembered. */
const WAITING_AT_MOST = 1_000

/**
 * Lets the changes that this instance makes to one product happen one after another; those of other
 * instances meet in `product-store.ts`.
 *
 * A change reads the product, to know its revision and its category, and writes it. Two at once
 * would both read revision 5 and both write revision 6, and the lists of the category that one of
 * them never saw would stay. The title of the test is "changes made at once get revisions of their
 * own".
 */
export class WriteTurns {
  readonly #last = new Map<number, Promise<unknown>>()
  #waiting = 0

  /** @throws RequestError with 503 if too many changes wait; whatever `change` throws. */
  async take<T>(id: number, change: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_AT_MOST) {
      throw new RequestError(503, { field: 'id', message: 'Too many changes at once; try again.' })
    }
    this.#waiting += 1
    const before = this.#last.get(id) ?? Promise.resolve()
    const mine = before.then(change)
    const settled = mine.then(
      () => {},
      () => {},
    )
    this.#last.set(id, settled)
    try {
      return await mine
    } finally {
      this.#waiting -= 1
      if (this.#last.get(id) === settled) this.#last.delete(id)
    }
  }
}
