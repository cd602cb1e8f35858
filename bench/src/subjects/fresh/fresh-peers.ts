/** The peers that can load before an entry ends, each as its documentation shows it. */

import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'
import { createCache } from 'cache-manager'
import { Keyv } from 'cacheable'
import { Redis } from 'ioredis'
import { Loader } from 'layered-loader'
import { RedisCache } from 'layered-loader/redis'
import type { Item } from '../item.ts'
import { keyvOver } from '../redis/keyv-store.ts'
import type { FreshOptions, FreshSubject } from './fresh-subject.ts'

/** The last part of a life in which a read loads anew, as ours has it. */
const lastPart = 0.2

/** A value in grace is answered at once, and loaded anew behind. */
export async function openFreshBentocache(options: FreshOptions): Promise<FreshSubject> {
  const { port, ttlMs, entries, load } = options
  const connection = { host: '127.0.0.1', port }
  const store = bentostore()
    .useL1Layer(memoryDriver({ maxItems: entries }))
    .useL2Layer(redisDriver({ connection }))
    .useBus(redisBusDriver({ connection }))
  const cache = new BentoCache({ default: 'redis', stores: { redis: store } })
  const lives = { ttl: ttlMs, grace: 10 * ttlMs, timeout: 0 } as const
  return {
    get: async (key) => (await cache.getOrSet({ key, factory: () => load(key), ...lives })).id,
    close: () => cache.disconnectAll(),
  }
}

export async function openFreshLayeredLoader(options: FreshOptions): Promise<FreshSubject> {
  const { port, ttlMs, entries, load } = options
  const client = new Redis({ port })
  const lives = { ttlInMsecs: ttlMs, ttlLeftBeforeRefreshInMsecs: ttlMs * lastPart }
  const loader = new Loader<Item>({
    inMemoryCache: { cacheType: 'lru-map', maxItems: entries, cacheId: 'fresh', ...lives },
    asyncCache: new RedisCache<Item>(client, { json: true, prefix: 'fresh', ...lives }),
    dataSourceGetOneFn: load,
  })
  await loader.init()
  return {
    get: async (key) => (await loader.get(key))?.id ?? Number.NaN,
    close: async () => {
      await loader.close()
      client.disconnect()
    },
  }
}

export async function openFreshCacheManager(options: FreshOptions): Promise<FreshSubject> {
  const { port, ttlMs, load } = options
  const client = new Redis({ port })
  const stores = [new Keyv(), keyvOver(client)]
  const cache = createCache({ ttl: ttlMs, refreshThreshold: ttlMs * lastPart, stores })
  return {
    get: async (key) => (await cache.wrap(`fresh:${key}`, () => load(key))).id,
    close: async () => {
      await cache.disconnect()
      client.disconnect()
    },
  }
}
