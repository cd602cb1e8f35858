/** cache-manager over Redis. It has no bus, so it takes no part where one is needed. */

import { createCache } from 'cache-manager'
import { Keyv } from 'cacheable'
import { Redis } from 'ioredis'
import type { Item } from '../item.ts'
import { keyvOver } from './keyv-store.ts'
import type { RedisSubject, RedisSubjectOptions } from './redis-subject.ts'

const ttl = 3_600_000

export async function openCacheManagerOnRedis({
  port,
  tiers,
}: RedisSubjectOptions): Promise<RedisSubject> {
  const client = new Redis({ port })
  const redis = keyvOver(client)
  const cache = createCache({ ttl, stores: tiers === 'redis' ? [redis] : [new Keyv(), redis] })
  return {
    name: 'cache-manager',
    get: async (key) => (await cache.get<Item>(key))?.id ?? Number.NaN,
    getMany: async (keys) => {
      let sum = 0
      for (const found of await cache.mget<Item>([...keys])) sum += found?.id ?? Number.NaN
      return sum
    },
    getOrLoad: async (key, load) => (await cache.wrap(key, load)).id,
    setMany: async (items) => {
      await cache.mset(Array.from(items, ([key, value]) => ({ key, value })))
    },
    close: async () => {
      await cache.disconnect()
      client.disconnect()
    },
  }
}
