import type { Cache } from 'tiercel'
import { RequestError } from './request-error.ts'

/** Changes that may wait at once, of all products; more are refused rather than remembered. */
const WAITING_AT_MOST = 1_000

/** Longer than the lock of an instance that was killed lives. */
const LOCK = { ttl: '1s', wait: '3s' } as const

/**
 * Lets the changes of one product happen one after another: those of this instance in turn, and one
 * of all instances at a time by a lock.
 *
 * A change reads the product, to know its revision and its category, and writes it. Two at once
 * would both read revision 5 and both write revision 6, and the lists of the category that one of
 * them never saw would stay; one beside a removal would bring the product back. The test is "gets a
 * revision of its own for each of many changes made at once".
 */
export class WriteTurns {
  readonly #cache: Pick<Cache, 'lock'>
  readonly #last = new Map<number, Promise<unknown>>()
  #waiting = 0

  constructor(cache: Pick<Cache, 'lock'>) {
    this.#cache = cache
  }

  /**
   * @throws RequestError with 503 if too many changes wait; LockNotAcquiredError; TierError; whatever
   * `change` throws.
   */
  async take<T>(id: number, change: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_AT_MOST) {
      throw new RequestError(503, { field: 'id', message: 'Too many changes at once; try again.' })
    }
    this.#waiting += 1
    const before = this.#last.get(id) ?? Promise.resolve()
    const mine = before.then(() => this.#locked(id, change))
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

  async #locked<T>(id: number, change: () => Promise<T>): Promise<T> {
    await using _ = await this.#cache.lock(`product:${id}`, LOCK)
    return await change()
  }
}
