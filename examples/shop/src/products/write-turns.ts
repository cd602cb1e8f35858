import type { Cache } from 'tiercel'
import { Turns } from '../database/turns.ts'

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
  readonly #turns = new Turns()

  constructor(cache: Pick<Cache, 'lock'>) {
    this.#cache = cache
  }

  /**
   * @throws RequestError with 503 if too many changes wait; LockNotAcquiredError; TierError; whatever
   * `change` throws.
   */
  take<T>(id: number, change: () => Promise<T>): Promise<T> {
    return this.#turns.take(id, async () => {
      await using _ = await this.#cache.lock(`product:${id}`, LOCK)
      return await change()
    })
  }
}
