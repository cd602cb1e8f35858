/**
 * Tiercel as a store of Keyv: what takes a Keyv takes a cache with two tiers, single keys that follow one
 * another over instances, and figures.
 *
 * Keyv writes its values as text with an end of their own, and puts its namespace before each key. What it
 * hands over stands under plain keys of the cache.
 */

import type { Cache } from '../contracts/cache.ts'
import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { EntryOptions } from '../contracts/options.ts'
import type { KeyvEntry } from './keyv-like.ts'

export interface KeyvStoreOptions {
  /**
   * Stands before every key in the cache, so that the rest of the plain keys is out of reach of `clear`.
   * @default ''
   */
  readonly prefix?: string
  /** What entries live by beside the life that Keyv gives them; `ttl` is that of values without one. @default { ttl: 'none', jitter: 0 } */
  readonly entry?: EntryOptions
}

const OPTIONS: Known<KeyvStoreOptions> = { prefix: true, entry: true }

/** Keys whose values an iterator reads at once: Keyv 6 clears a namespace by iterating over it. */
const PAGE_KEYS = 100

/**
 * The store adapter, as Keyv 5 and Keyv 6 expect it.
 *
 * A store with the property `namespace` and each of its methods is left to keep namespaces apart by a Keyv 6,
 * and knows one alone, whichever Keyv asks. Without the property at first, and without `deleteMany`, which
 * Keyv 5 and 6 want answered differently, both write the namespace before each key themselves.
 */
export interface KeyvStore {
  /** Keyv 5 iterates over stores that name a dialect of its list, and over no others. */
  readonly opts: { readonly dialect: 'redis'; readonly url: string }
  /** Set by Keyv 5, and absent before: what its `clear` and `iterator` keep to. */
  namespace?: string
  get<Value>(key: string): Promise<Value | undefined>
  getMany<Value>(keys: string[]): Promise<(Value | undefined)[]>
  set(key: string, value: unknown, ttl?: number): Promise<boolean>
  setMany(entries: KeyvEntry[]): Promise<boolean[]>
  has(key: string): Promise<boolean>
  hasMany(keys: string[]): Promise<boolean[]>
  delete(key: string): Promise<boolean>
  /**
   * Removes the keys of the namespace; without one, all keys that begin with `prefix`.
   *
   * @throws ConfigError where Keyvs 5 of several namespaces have this store.
   */
  clear(): Promise<void>
  /** @throws ConfigError to a Keyv 5, where another one with another namespace took this store later. */
  iterator<Value>(namespace?: string): AsyncGenerator<[string, Value], void>
  /** Called by each Keyv that takes the store. Nothing is ever told: what goes wrong rejects the call. */
  on(event: string, listener: (...args: never[]) => void): this
}

/**
 * A store for `new Keyv({ store })`. The cache stays the caller's: `disconnect` does not close it.
 *
 * @example
 * ```ts
 * import Keyv from 'keyv'
 * import { createCache } from 'tiercel'
 * import { keyvStore } from 'tiercel/keyv'
 *
 * await using cache = createCache({ name: 'shop' })
 * const keyv = new Keyv({ store: keyvStore(cache), namespace: 'sessions' })
 * await keyv.set('42', { user: 7 }, 60_000)
 * console.log(await keyv.get('42')) // { user: 7 }
 * ```
 */
export function keyvStore(cache: Cache, options: KeyvStoreOptions = {}): KeyvStore {
  checkKnown(options, OPTIONS)
  const { prefix = '', entry } = options
  const named = (key: string): string => prefix + key
  // An end that varies would come before the one that Keyv has promised.
  const base: EntryOptions = { ttl: 'none', jitter: 0, ...entry }
  const lifeOf = (ttl: number | undefined): EntryOptions =>
    ttl === undefined || ttl <= 0 ? base : { ...base, ttl: Math.ceil(ttl) }
  const pattern = (namespace: string | undefined): string =>
    `${escaped(named(namespace === undefined || namespace === '' ? '' : `${namespace}:`))}*`
  const takers = new Takers()
  return {
    opts: { dialect: 'redis', url: '' },
    get: async <Value>(key: string) => await cache.get<Value>(named(key)),
    getMany: async <Value>(keys: string[]) => {
      const found = await cache.getMany<Value>(keys.map(named))
      return keys.map((key) => found.get(named(key)))
    },
    set: async (key, value, ttl) => {
      await cache.set(named(key), value, lifeOf(ttl))
      return true
    },
    setMany: async (entries) => await setMany(cache, entries, { named, lifeOf }),
    has: async (key) => await cache.has(named(key)),
    hasMany: async (keys) => await Promise.all(keys.map((key) => cache.has(named(key)))),
    delete: async (key) => (await cache.delete(named(key))).found === true,
    async clear() {
      takers.refuseSeveral(this.namespace)
      await cache.invalidatePattern(pattern(this.namespace))
    },
    get iterator() {
      // A Keyv 5 reads this once, as it takes the store, and calls it with the namespace of whoever took it last.
      const taken = this.namespace
      return <Value>(namespace?: string) => {
        if (namespace !== taken) takers.refuseSeveral(this.namespace)
        return entriesOf<Value>(cache, pattern(namespace), prefix.length)
      }
    },
    on() {
      takers.join(this.namespace)
      return this
    },
  }
}

/** Namespaces of the Keyvs that took a store, as far as it takes to see that they differ. */
class Takers {
  readonly #earlier = new Set<string | undefined>()
  #taken = false

  /** `namespace`: as the one before has left it; Keyv 5 sets its own afterwards. */
  join(namespace: string | undefined): void {
    if (this.#taken && this.#earlier.size < 2) this.#earlier.add(namespace)
    this.#taken = true
  }

  /**
   * Keyv 5 does not say which Keyv asks: one tenant would clear, or read, what is another's.
   *
   * @throws ConfigError
   */
  refuseSeveral(namespace: string | undefined): void {
    const names = new Set([...this.#earlier, namespace])
    if (this.#earlier.size === 0 || names.size === 1) return
    throw new ConfigError({
      field: 'keyvStore(cache)',
      expected: 'the store of one namespace, where Keyv 5 clears it or iterates over it',
      actual: [...names].join(', '),
      cure: 'Give each Keyv a `keyvStore(cache)` of its own.',
    })
  }
}

async function* entriesOf<Value>(
  cache: Cache,
  pattern: string,
  skipped: number,
): AsyncGenerator<[string, Value], void> {
  const read = async (keys: readonly string[]): Promise<[string, Value][]> =>
    [...(await cache.getMany<Value>(keys))].map(([key, value]) => [key.slice(skipped), value])
  let page: string[] = []
  for await (const key of cache.keys(pattern)) {
    page.push(key)
    if (page.length < PAGE_KEYS) continue
    yield* await read(page)
    page = []
  }
  yield* await read(page)
}

/** Those of one life in one round trip. Whether each was stored, in the order of the entries. */
async function setMany(
  cache: Cache,
  entries: readonly KeyvEntry[],
  {
    named,
    lifeOf,
  }: {
    readonly named: (key: string) => string
    readonly lifeOf: (ttl: number | undefined) => EntryOptions
  },
): Promise<boolean[]> {
  const failed = new Set<string>()
  // Of one key the last counts, whatever life the others have.
  const last = new Map(entries.map((entry) => [entry.key, entry])).values()
  for (const [ttl, alike] of Map.groupBy(last, (entry) => entry.ttl)) {
    const pairs = alike.map(({ key, value }) => [named(key), value] as const)
    const report = await cache.setMany(pairs, lifeOf(ttl))
    for (const { key } of report.failed) failed.add(key)
  }
  return entries.map(({ key }) => !failed.has(named(key)))
}

/** A glob that matches the text alone. */
const escaped = (text: string): string => text.replaceAll(/[*?[\]\\]/g, '\\$&')
