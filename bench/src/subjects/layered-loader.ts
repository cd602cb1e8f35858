/** layered-loader: its in-process cache alone, which is what answers a hit. */

import { Loader } from 'layered-loader'
import type { CacheSubject, Items } from './cache-subject.ts'
import type { Item } from './item.ts'
import { itemLoader } from './item-loader.ts'

export async function openLayeredLoader(items: Items): Promise<CacheSubject> {
  const source = itemLoader(items)
  const loader = new Loader<Item>({
    inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: 3_600_000, maxItems: items.size },
    dataSourceGetOneFn: (key) => source.load(key),
  })
  await loader.init()
  for (const key of items.keys()) await loader.get(key)
  source.end()
  return {
    name: 'layered-loader',
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const found = await loader.get(keys[i & mask] as string)
        sum += found?.id ?? Number.NaN
      }
      return sum
    },
    close: () => loader.close(),
  }
}
