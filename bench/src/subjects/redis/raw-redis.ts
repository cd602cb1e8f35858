/** The raw commands of both client libraries: the limit of what a cache over Redis can reach. */

import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { ClientLibrary } from './tiercel-on-redis.ts'

/** Text in, text out; nothing is parsed. */
export interface RawRedis {
  readonly get: (key: string) => Promise<string | null>
  readonly mget: (keys: readonly string[]) => Promise<readonly (string | null)[]>
  /** All of them in one send. */
  readonly setAll: (values: ReadonlyMap<string, string>) => Promise<void>
  readonly set: (key: string, value: string) => Promise<void>
  readonly close: () => void
}

/** Longer than the run, as the entries of the subjects live. */
const ttlMs = 3_600_000

export async function openRawRedis(port: number, library: ClientLibrary): Promise<RawRedis> {
  return library === 'ioredis' ? openIoredis(port) : openNodeRedis(port)
}

function openIoredis(port: number): RawRedis {
  const client = new Redis({ port })
  return {
    get: (key) => client.get(key),
    mget: (keys) => client.mget([...keys]),
    setAll: async (values) => {
      const pipeline = client.pipeline()
      for (const [key, value] of values) pipeline.set(key, value, 'PX', ttlMs)
      await pipeline.exec()
    },
    set: async (key, value) => {
      await client.set(key, value, 'PX', ttlMs)
    },
    close: () => client.disconnect(),
  }
}

async function openNodeRedis(port: number): Promise<RawRedis> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  await client.connect()
  return {
    get: (key) => client.get(key),
    mget: (keys) => client.mGet([...keys]),
    // It sends what one tick has asked for at once.
    setAll: async (values) => {
      await Promise.all(Array.from(values, ([key, value]) => client.set(key, value, { PX: ttlMs })))
    },
    set: async (key, value) => {
      await client.set(key, value, { PX: ttlMs })
    },
    close: () => client.destroy(),
  }
}
