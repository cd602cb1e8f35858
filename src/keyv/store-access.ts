/** The user's Keyv store as the tier uses it: every failure is a `TierError`, every answer is checked. */

import { TierError } from '../contracts/errors.ts'
import type { KeyvLike } from './keyv-like.ts'

export class StoreAccess {
  readonly #store: KeyvLike
  readonly #prefix: string
  readonly #now: () => number
  /** What comes one after the other, by name: bounded by the calls under way. */
  readonly #turns = new Map<string, Promise<unknown>>()

  /** `now`: the wall clock, which adapters for Keyv 6 are told the ends of values by. */
  constructor(store: KeyvLike, prefix: string, now: () => number) {
    this.#store = store
    this.#prefix = prefix
    this.#now = now
  }

  /** In the order of the names; whatever stands there. @throws TierError */
  async read(names: readonly string[]): Promise<readonly unknown[]> {
    if (names.length === 0) return []
    const keys = names.map((name) => this.#prefix + name)
    const values = await this.#call('get', async () => {
      if (this.#store.getMany !== undefined && !takesFailuresForMisses(this.#store)) {
        return await this.#store.getMany(keys)
      }
      return await Promise.all(keys.map((key) => this.#store.get(key)))
    })
    if (Array.isArray(values) && values.length === names.length) return values
    throw new TierError(
      'keyv',
      'The Keyv store answered `getMany` with other than one value a key.',
    )
  }

  /** `ttlMs`: `Infinity` for no end. @throws TierError; it may still have been stored. */
  async write(name: string, text: string, ttlMs: number): Promise<void> {
    const end = Number.isFinite(ttlMs) ? this.#endIn(Math.max(1, Math.ceil(ttlMs))) : undefined
    const stored = await this.#call('set', async () => {
      return await this.#store.set(this.#prefix + name, text, end)
    })
    // A Keyv says so instead of throwing.
    if (stored === false) throw new TierError('keyv', 'The Keyv store did not store a value.')
  }

  /**
   * Looks and changes of one name in this process, one after the other. The store knows no such thing:
   * another process may come between.
   */
  async inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(name)
    const mine = before === undefined ? work() : before.then(work, work)
    this.#turns.set(name, mine)
    try {
      return await mine
    } finally {
      if (this.#turns.get(name) === mine) this.#turns.delete(name)
    }
  }

  /** A life as the store counts it. Taken for an instant, it would be one of 1970, and nothing were kept. */
  #endIn(lifeMs: number): number {
    return this.#store.capabilities?.expires === true ? Math.ceil(this.#now() + lifeMs) : lifeMs
  }

  async #call<T>(operation: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (cause) {
      throw new TierError('keyv', `The Keyv store failed at \`${operation}\`.`, { cause })
    }
  }
}

/** `getMany` of a Keyv 5 whose adapter has none: one `get` that fails is a miss there, whatever its options say. */
function takesFailuresForMisses(store: KeyvLike): boolean {
  const { throwOnErrors, store: adapter } = store as {
    readonly throwOnErrors?: unknown
    readonly store?: { readonly getMany?: unknown }
  }
  return throwOnErrors === true && adapter !== undefined && adapter.getMany === undefined
}
