/** Tiercel over Redis, with hot keys and refresh-ahead and without them. */

import { Redis } from 'ioredis'
import { createCache, type Duration, type EntryOptions } from 'tiercel'
import { redisTier } from 'tiercel/redis'
import type { Item } from '../item.ts'
import type { FreshOptions, FreshSubject } from './fresh-subject.ts'

/** `hot`: how often it looks for hot keys that end. */
type Freshness = Pick<EntryOptions, 'refreshAhead'> & { readonly hot?: Duration }

export async function openFreshTiercel(
  { port, ttlMs, entries, load }: FreshOptions,
  name: string,
  { hot, ...defaults }: Freshness,
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
  const items = cache.collection<string, Item>('item', {
    source: { load },
    ...(hot !== undefined && { warm: { hot: { every: hot } } }),
  })
  return {
    get: async (key) => (await items.get(key))?.id ?? Number.NaN,
    close: () => cache.close(),
  }
}
