/** lru-cache through `fetch`, its own read-through; one tier, one process, with a life. */

import { LRUCache } from 'lru-cache'
import type { CacheSubject, Items } from './cache-subject.ts'
import type { Item } from './item.ts'
import { itemLoader } from './item-loader.ts'

export async function openLruCacheFetch(items: Items): Promise<CacheSubject> {
  const source = itemLoader(items)
  const cache = new LRUCache<string, Item>({
    max: items.size,
    ttl: 3_600_000,
    fetchMethod: (key) => source.load(key),
  })
  for (const key of items.keys()) await cache.fetch(key)
  source.end()
  return {
    name: 'lru-cache fetch',
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const found = await cache.fetch(keys[i & mask] as string)
        sum += found?.id ?? Number.NaN
      }
      return sum
    },
    close: async () => cache.clear(),
  }
}
