/** Reads as a shop without any cache does them. Called by `without-caching.ts`. */

import type { CacheKey, Collection, CollectionOptions, LoadContext, Reading, Source } from 'tiercel'

type Reads<K extends CacheKey, V> = Pick<Collection<K, V>, 'get' | 'read' | 'getMany'>

/** Each read is a query of its own: neither shared with a read of the same moment nor put together. */
export function readPastCache<K extends CacheKey, V>(
  options: Pick<CollectionOptions<K, V>, 'source' | 'store'>,
): Reads<K, V> {
  const load = loading(options)
  const reading = (value: V | undefined): Reading<V> =>
    value === undefined
      ? { found: false, tier: 'source' }
      : { found: true, value, tier: 'source', ageMs: 0, stale: false }
  return {
    get: (key) => load(key),
    read: async (key) => reading(await load(key)),
    async getMany(keys) {
      const pairs = await Promise.all(
        Array.from(keys, async (key) => [key, await load(key)] as const),
      )
      return new Map(pairs.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
    },
  }
}

function loading<K extends CacheKey, V>({
  source,
  store,
}: Pick<CollectionOptions<K, V>, 'source' | 'store'>): (key: K) => Promise<V | undefined> {
  const { signal } = new AbortController()
  const from: Source<K, V> =
    typeof source === 'function' ? { load: source } : (source ?? store ?? {})
  const { load, loadMany } = from
  if (load !== undefined) return async (key) => await load(key, contextOf(key, signal))
  if (loadMany === undefined) throw new Error('There is nothing to read from.')
  return async (key) => (await loadMany([key], { signal })).get(key)
}

/** Whatever a loader decides about an entry, there is none. */
function contextOf<K>(key: K, signal: AbortSignal): LoadContext<K> {
  return {
    key,
    signal,
    previous: undefined,
    options: () => {},
    unchanged: () => {
      throw new Error('There is no value before.')
    },
    uncached: (value) => value,
  }
}
