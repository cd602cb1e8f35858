/** What cacheable and cache-manager keep their entries in: a store of Keyv, plainly over ioredis. */

import { Keyv, type KeyvStoreAdapter } from 'cacheable'
import type { Redis } from 'ioredis'

/** Each call is one command, or one pipeline; more cannot be done for them. */
export function keyvOver(client: Redis): Keyv {
  const store: KeyvStoreAdapter = {
    opts: {},
    get: async <Value>(key: string) => ((await client.get(key)) ?? undefined) as Value | undefined,
    getMany: async <Value>(keys: string[]) =>
      (await client.mget(keys)).map((text) => text ?? undefined) as (Value | undefined)[],
    set: (key, value: string, ttl) => put(client, key, value, ttl),
    setMany: async (values) => {
      await Promise.all(values.map(({ key, value, ttl }) => put(client, key, value as string, ttl)))
    },
    delete: async (key) => (await client.del(key)) > 0,
    deleteMany: async (keys) => (await client.del(keys)) > 0,
    clear: async () => {
      await client.flushdb()
    },
    // It has no events to tell.
    on: () => store,
  }
  return new Keyv({ store })
}

function put(client: Redis, key: string, value: string, ttl: number | undefined): Promise<'OK'> {
  return ttl === undefined ? client.set(key, value) : client.set(key, value, 'PX', ttl)
}
