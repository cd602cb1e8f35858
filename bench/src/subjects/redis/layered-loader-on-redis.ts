/** layered-loader with its Redis cache and its notifications over Redis. */

import { Redis } from 'ioredis'
import { Loader } from 'layered-loader'
import { createNotificationPair, RedisCache } from 'layered-loader/redis'
import type { Item } from '../item.ts'
import type { CopyingSubject, RedisSubjectOptions } from './redis-subject.ts'

const ttlInMsecs = 3_600_000

export async function openLayeredLoaderOnRedis({
  port,
  tiers,
  entries,
  connectionName = 'bench',
}: RedisSubjectOptions): Promise<CopyingSubject> {
  const heard = new Set<() => void>()
  const open: Redis[] = []
  const connect = (): Redis => {
    const client = new Redis({ port, connectionName })
    open.push(client)
    return client
  }
  const shared = new RedisCache<Item>(connect(), { json: true, ttlInMsecs, prefix: 'layered' })
  // Its loader is given once for all keys; here each call brings its own. Bounded by the keys of a run.
  const loads = new Map<string, () => Promise<Item>>()
  const loader = new Loader<Item>({
    asyncCache: shared,
    // Connections are also reset on purpose.
    logger: { error: () => undefined },
    ...(tiers === 'memory and redis'
      ? {
          inMemoryCache: { cacheType: 'lru-map', ttlInMsecs, maxItems: entries },
          ...notifications(connect, () => {
            for (const listener of heard) listener()
          }),
        }
      : { inMemoryCache: false }),
    dataSourceGetOneFn: async (key) => loads.get(key)?.(),
    dataSourceGetManyFn: async () => [],
    // Asked for by bulk reads, which take place in the suites that call their records this.
    cacheKeyFromValueResolver: ({ id }) => `product:${id}`,
  })
  await loader.init()
  return {
    name: 'layered-loader',
    get: async (key) => (await loader.get(key))?.id ?? Number.NaN,
    getMany: async (keys) => {
      let sum = 0
      for (const { id } of await loader.getMany([...keys])) sum += id
      return sum
    },
    getOrLoad: async (key, load) => {
      loads.set(key, load)
      return (await loader.get(key))?.id ?? Number.NaN
    },
    setMany: async (items) => {
      await shared.setMany(Array.from(items, ([key, value]) => ({ key, value })))
    },
    invalidate: async (keys) => {
      const [key = ''] = keys
      await (keys.length === 1
        ? loader.invalidateCacheFor(key)
        : loader.invalidateCacheForMany([...keys]))
    },
    holds: (key) => loader.getInMemoryOnly(key) !== undefined,
    onRemoval: (listener) => heard.add(listener),
    close: async () => {
      await loader.close()
      for (const client of open) client.disconnect()
    },
  }
}

/** Its pair of publisher and consumer; `afterwards` is called when a message has been applied. */
function notifications(connect: () => Redis, afterwards: () => void) {
  const pair = createNotificationPair<Item>({
    channel: 'layered',
    publisherRedis: connect(),
    consumerRedis: connect(),
  })
  const { consumer, publisher } = pair
  const setTargetCache = consumer.setTargetCache.bind(consumer)
  consumer.setTargetCache = (target) => {
    const remove = target.delete.bind(target)
    const removeMany = target.deleteMany.bind(target)
    target.delete = (key) => {
      remove(key)
      afterwards()
    }
    target.deleteMany = (keys) => {
      removeMany(keys)
      afterwards()
    }
    setTargetCache(target)
  }
  return { notificationConsumer: consumer, notificationPublisher: publisher }
}
