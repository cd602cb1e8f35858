import { RequestError } from '../server/request-error.ts'

/** Of all keys together; more are refused rather than remembered. */
const WAITING_AT_MOST = 1_000
/** Where the database stands still, those who wait are refused with the first, and not each after its own time. */
const WAIT_MS_AT_MOST = 10_000

/**
 * Lets what is done to one thing happen one after another, in this process. Others go on.
 *
 * A database would do the same for changes of one row, with a connection for each that waits: a few
 * hundred who want one product would leave none for anybody else.
 */
export class Turns {
  readonly #last = new Map<number, Promise<unknown>>()
  #waiting = 0

  /** @throws RequestError with 503 if too many wait, or for too long; whatever `work` throws. */
  async take<T>(id: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_AT_MOST) throw tooMany()
    this.#waiting += 1
    const askedAt = performance.now()
    const before = this.#last.get(id) ?? Promise.resolve()
    const mine = before.then(() => {
      if (performance.now() - askedAt > WAIT_MS_AT_MOST) throw tooMany()
      return work()
    })
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

  /** A turn with each of them. In the order of their numbers, so that no two wait for each other. */
  async takeAll<T>(ids: readonly number[], work: () => Promise<T>): Promise<T> {
    const descending = [...new Set(ids)].sort((a, b) => b - a)
    return await descending.reduce<() => Promise<T>>(
      (inner, id) => () => this.take(id, inner),
      work,
    )()
  }
}

function tooMany(): RequestError {
  return new RequestError(503, { field: 'id', message: 'Too many changes at once; try again.' })
}
