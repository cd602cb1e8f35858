/** cacheable with the in-process store it comes with. */

import { Cacheable } from 'cacheable'
import type { CacheSubject, Items } from './cache-subject.ts'
import { itemLoader } from './item-loader.ts'

export async function openCacheable(items: Items): Promise<CacheSubject> {
  const source = itemLoader(items)
  const cache = new Cacheable({ ttl: '1h' })
  for (const key of items.keys()) await cache.getOrSet(key, () => source.load(key))
  source.end()
  return {
    name: 'cacheable',
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const key = keys[i & mask] as string
        const found = await cache.getOrSet(key, () => source.load(key))
        sum += found?.id ?? Number.NaN
      }
      return sum
    },
    close: async () => {
      await cache.disconnect()
    },
  }
}
