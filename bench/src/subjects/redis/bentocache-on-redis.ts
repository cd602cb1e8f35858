/** bentocache with its Redis driver and its Redis bus. */

import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'
import { LRUCache } from 'lru-cache'
import type { Item } from '../item.ts'
import type { CopyingSubject, RedisSubjectOptions } from './redis-subject.ts'

/** It opens connections by itself; two for the bus. */
export async function openBentocacheOnRedis({
  port,
  tiers,
  entries,
  connectionName = 'bench',
}: RedisSubjectOptions): Promise<CopyingSubject> {
  const heard = new Set<() => void>()
  const connection = { host: '127.0.0.1', port, connectionName }
  const copies = observedMemory(entries, () => {
    for (const listener of heard) listener()
  })
  const store = bentostore().useL2Layer(redisDriver({ connection }))
  if (tiers === 'memory and redis') {
    store.useL1Layer(memoryDriver(copies.options))
    store.useBus(redisBusDriver({ connection }))
  }
  const cache = new BentoCache({ default: 'redis', ttl: '1h', stores: { redis: store } })
  const get = async (key: string): Promise<number> =>
    (await cache.get<Item>({ key }))?.id ?? Number.NaN
  return {
    name: 'bentocache',
    get,
    // It has no bulk read.
    getMany: async (keys) => (await Promise.all(keys.map(get))).reduce((sum, id) => sum + id, 0),
    getOrLoad: async (key, load) => (await cache.getOrSet({ key, factory: load })).id,
    setMany: async (items) => {
      await Promise.all(Array.from(items, ([key, value]) => cache.set({ key, value })))
    },
    invalidate: async (keys) => {
      const [key = ''] = keys
      await (keys.length === 1 ? cache.delete({ key }) : cache.deleteMany({ keys: [...keys] }))
    },
    holds: (key) => copies.has(key),
    onRemoval: (listener) => heard.add(listener),
    close: () => cache.disconnectAll(),
  }
}

/** Its in-process driver over a store that tells when an entry was deleted. */
function observedMemory(entries: number, afterwards: () => void) {
  const kept = new LRUCache<string, string>({
    max: entries,
    disposeAfter: (_value, _key, reason) => {
      if (reason === 'delete') afterwards()
    },
  })
  const options = { maxItems: entries, cacheInstance: kept }
  return { options, has: (key: string): boolean => kept.has(`bentocache:${key}`) }
}
