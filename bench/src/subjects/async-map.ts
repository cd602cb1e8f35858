/** The limit of a hit: a `Map` behind an `async` function, the least that a cache with tiers can be. */

import type { CacheSubject, Items } from './cache-subject.ts'
import type { Item } from './item.ts'

export async function openAsyncMap(items: Items): Promise<CacheSubject> {
  const map = new Map(items)
  const get = async (key: string): Promise<Item | undefined> => map.get(key)
  return {
    name: 'async Map.get',
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const found = await get(keys[i & mask] as string)
        sum += found?.id ?? Number.NaN
      }
      return sum
    },
    close: async () => undefined,
  }
}
