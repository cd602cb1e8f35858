/** cache-manager with the in-process store it comes with. */

import { createCache } from 'cache-manager'
import type { CacheSubject, Items } from './cache-subject.ts'
import { itemLoader } from './item-loader.ts'

export async function openCacheManager(items: Items): Promise<CacheSubject> {
  const source = itemLoader(items)
  const cache = createCache({ ttl: 3_600_000 })
  for (const key of items.keys()) await cache.wrap(key, () => source.load(key))
  source.end()
  return {
    name: 'cache-manager',
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const key = keys[i & mask] as string
        const found = await cache.wrap(key, () => source.load(key))
        sum += found.id
      }
      return sum
    },
    close: async () => {
      await cache.disconnect()
    },
  }
}
