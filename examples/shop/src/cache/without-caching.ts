/**
 * The shop without a cache, which is what a cache has to be compared with: `CACHE=off`.
 *
 * Nothing is added in the way of a request: every read asks the source, every write goes there at once,
 * there is no shared tier to ask, and no second version of a row that only writing behind needs.
 */

import {
  type Cache,
  type CacheKey,
  type Collection,
  type CollectionOptions,
  type Lock,
  TierError,
} from 'tiercel'
import type { Source, SourceTable } from '../database/source.ts'
import { readPastCache } from './read-past-cache.ts'

/**
 * The same cache, made to keep nothing: its collections are declared without what keeps them filled, and
 * are off. Locks are of this process alone, since there is nothing that several could share.
 */
export function withoutCaching(cache: Cache): Cache {
  const locks = new LocalLocks()
  return instead<Cache>(cache, {
    collection: (name, options) => off(cache, name, options),
    lock: (names) => locks.lock([names].flat()),
  })
}

/** Rows are written without their versions, which only writes that wait need. */
export function withoutVersions(source: Source): Source {
  return {
    ...source,
    table: <K extends CacheKey, V>({ table, key }: SourceTable) =>
      source.table<K, V>({ table, key }),
  }
}

function off<K extends CacheKey, V>(
  cache: Cache,
  name: string,
  options: CollectionOptions<K, V>,
): Collection<K, V> {
  const { behind: _, warm: __, idle: ___, write = {}, ...rest } = options
  const policies = Object.keys(write).map((operation) => [operation, 'through'])
  const declared = { ...rest, write: Object.fromEntries(policies) } as CollectionOptions<K, V>
  const collection = cache.collection<K, V>(name, declared)
  // A cache of one process is switched before anything is awaited.
  void collection.setMode('off')
  const reads = readPastCache(options)
  return instead(collection, options.whenUnprotected === 'reject' ? { ...reads, create } : reads)
}

/** Of what the cache alone would keep. */
async function create(): Promise<never> {
  throw new TierError('shared', 'There is nothing that could keep it.')
}

/** `whole`, but for the members that `part` has. Methods find what they belong to. */
function instead<T extends object>(whole: T, part: Partial<T>): T {
  return new Proxy(whole, {
    get(target, name) {
      const own: unknown = Reflect.get(part, name)
      if (own !== undefined) return own
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/** One holder a name, those who wait in turn; the requests of the shop bound how many. */
class LocalLocks {
  readonly #last = new Map<string, Promise<void>>()
  #granted = 0n

  async lock(names: readonly string[]): Promise<Lock> {
    // All of them are queued for in one tick, so that no two wait for each other.
    const { promise: released, resolve } = Promise.withResolvers<void>()
    const before = names.map((name) => this.#last.get(name))
    for (const name of names) this.#last.set(name, released)
    await Promise.all(before)
    const release = async (): Promise<void> => {
      resolve()
      for (const name of names) if (this.#last.get(name) === released) this.#last.delete(name)
    }
    this.#granted += 1n
    return {
      names,
      token: this.#granted,
      signal: new AbortController().signal,
      extend: async () => true,
      release,
      [Symbol.asyncDispose]: release,
    }
  }
}
