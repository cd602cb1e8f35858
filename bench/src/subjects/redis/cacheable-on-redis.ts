/** cacheable over Redis. It has no bus of its own for Redis, so it takes no part where one is needed. */

import { Cacheable } from 'cacheable'
import { Redis } from 'ioredis'
import type { Item } from '../item.ts'
import { keyvOver } from './keyv-store.ts'
import type { RedisSubject, RedisSubjectOptions } from './redis-subject.ts'

export async function openCacheableOnRedis({
  port,
  tiers,
}: RedisSubjectOptions): Promise<RedisSubject> {
  const client = new Redis({ port })
  const redis = keyvOver(client)
  const cache = new Cacheable(
    tiers === 'redis' ? { primary: redis, ttl: '1h' } : { secondary: redis, ttl: '1h' },
  )
  return {
    name: 'cacheable',
    get: async (key) => (await cache.get<Item>(key))?.id ?? Number.NaN,
    getMany: async (keys) => {
      let sum = 0
      for (const found of await cache.getMany<Item>([...keys])) sum += found?.id ?? Number.NaN
      return sum
    },
    getOrLoad: async (key, load) => (await cache.getOrSet(key, load))?.id ?? Number.NaN,
    setMany: async (items) => {
      await cache.setMany(Array.from(items, ([key, value]) => ({ key, value })))
    },
    close: async () => {
      await cache.disconnect()
      client.disconnect()
    },
  }
}
