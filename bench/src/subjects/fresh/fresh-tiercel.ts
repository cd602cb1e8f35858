/** Tiercel over Redis, with refresh-ahead and without it. */

import { Redis } from 'ioredis'
import { createCache, type EntryOptions } from 'tiercel'
import { redisTier } from 'tiercel/redis'
import type { Item } from '../item.ts'
import type { FreshOptions, FreshSubject } from './fresh-subject.ts'

export async function openFreshTiercel(
  { port, ttlMs, entries, load }: FreshOptions,
  name: string,
  defaults: EntryOptions,
): Promise<FreshSubject> {
  const cache = createCache({
    name,
    shared: redisTier(new Redis({ port, lazyConnect: true })),
    memory: { entries },
    // A slow call shall be a slow sample, as it is for everybody else, and not a failure.
    sharedTimeout: '10s',
    defaults: { ttl: ttlMs, ...defaults },
  })
  await cache.ready()
  const items = cache.collection<string, Item>('item', { source: { load } })
  return {
    get: async (key) => (await items.get(key))?.id ?? Number.NaN,
    close: () => cache.close(),
  }
}
