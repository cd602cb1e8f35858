/** Tiercel over Redis, through either client library. */

import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { createCache, type SharedTier } from 'tiercel'
import { type RedisClientLike, redisTier } from 'tiercel/redis'
import type { Item } from '../item.ts'
import type { CopyingSubject, RedisSubjectOptions } from './redis-subject.ts'

export type ClientLibrary = 'ioredis' | 'node-redis'

export interface TiercelOnRedis extends CopyingSubject {
  readonly set: (key: string, value: Item) => Promise<void>
  /** What is written for one entry; of a subject without an in-process tier. */
  readonly storedBytes: (key: string) => Promise<number>
}

export async function openTiercelOnRedis(
  { port, tiers, entries, connectionName = 'bench' }: RedisSubjectOptions,
  library: ClientLibrary = 'ioredis',
): Promise<TiercelOnRedis> {
  const heard = new Set<() => void>()
  const cache = createCache({
    name: 'bench',
    shared: listened(redisTier(example(port, library, connectionName)), () => {
      for (const listener of heard) listener()
    }),
    memory: tiers === 'redis' ? 'off' : { entries },
    // A slow call shall be a slow sample, as it is for everybody else, and not a failure.
    sharedTimeout: '10s',
    // Both lives outlast the run.
    defaults: { ttl: '2h', memoryTtl: '1h', timeouts: { hard: '30s' } },
  })
  await cache.ready()
  return {
    name: library === 'ioredis' ? 'tiercel' : `tiercel, ${library}`,
    get: async (key) => (await cache.get<Item>(key))?.id ?? Number.NaN,
    getMany: async (keys) => {
      let sum = 0
      for (const { id } of (await cache.getMany<Item>(keys)).values()) sum += id
      return sum
    },
    getOrLoad: async (key, load) => (await cache.getOrLoad(key, load)).id,
    setMany: async (items) => {
      const { failed } = await cache.setMany(items)
      if (failed[0] !== undefined) throw failed[0].error
    },
    set: async (key, value) => {
      await cache.set(key, value)
    },
    storedBytes: async (key) => (await cache.inspect(key))?.sizeBytes ?? Number.NaN,
    invalidate: async (keys) => {
      const [key = ''] = keys
      await (keys.length === 1 ? cache.delete(key) : cache.deleteMany(keys))
    },
    holds: async (key) => (await cache.peek(key, { read: 'memory' })) !== undefined,
    onRemoval: (listener) => heard.add(listener),
    close: async () => void (await cache.close()),
  }
}

/** What to connect after: the tier opens connections of its own. */
function example(port: number, library: ClientLibrary, connectionName: string): RedisClientLike {
  if (library === 'ioredis') return new Redis({ port, lazyConnect: true, connectionName })
  return createClient({ url: `redis://127.0.0.1:${port}`, name: connectionName })
}

/** `afterwards` is called when the cache has taken in what the tier told it. */
function listened(tier: SharedTier, afterwards: () => void): SharedTier {
  return {
    kind: tier.kind,
    open: (context) => {
      const session = tier.open(context)
      const listen = session.listen.bind(session)
      session.listen = (listener) =>
        listen((signal) => {
          listener(signal)
          afterwards()
        })
      return session
    },
  }
}
