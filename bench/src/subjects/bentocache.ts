/** bentocache with its in-process driver: as it comes, it keeps values serialised. */

import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import type { CacheSubject, Items } from './cache-subject.ts'
import { itemLoader } from './item-loader.ts'

export interface BentocacheOptions {
  readonly name: string
  readonly values: 'serialised' | 'shared'
  /** The tags of each entry, by key; empty where there are none. */
  readonly tagsOf: (key: string) => readonly string[]
}

export async function openBentocache(
  items: Items,
  options: BentocacheOptions,
): Promise<CacheSubject> {
  const source = itemLoader(items)
  const store = bentostore().useL1Layer(
    memoryDriver({ maxItems: items.size * 2, serialize: options.values === 'serialised' }),
  )
  const cache = new BentoCache({ default: 'memory', ttl: '1h', stores: { memory: store } })
  for (const key of items.keys()) {
    const tags = [...options.tagsOf(key)]
    await cache.getOrSet({ key, factory: () => source.load(key), tags })
  }
  source.end()
  return {
    name: options.name,
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const key = keys[i & mask] as string
        const found = await cache.getOrSet({ key, factory: () => source.load(key) })
        sum += found.id
      }
      return sum
    },
    close: () => cache.disconnectAll(),
  }
}
