/** Instances of one cache on real Redis servers, which the cases of several instances are run on. */

import { setTimeout as pass } from 'node:timers/promises'
import { type Cache, createCache } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import type { UserClient } from '../servers/redis-drivers.ts'
import type { Instances } from './instances-cases.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const STEP_MS = 5
const PATIENCE_MS = 1_000
/** A machine under load is slow, and no case is about a tier that does not answer in time. */
const TIMELY = { sharedTimeout: '5s' } as const

/** Closes all that were opened, and ends the client. `name`: of the cache, which nobody else has there. */
export function redisInstances(user: UserClient, name: string): Instances & AsyncDisposable {
  const caches: Cache[] = []
  return {
    tells: 'messages',
    open(options = {}) {
      const defaults = { jitter: 0, ttl: '10m', memoryTtl: '10m' } as const
      const shared = redisTier(user.client, { shards: 4 })
      const instance = `instance ${caches.length + 1}`
      const names = { name, instance }
      const cache = createCache({
        ...names,
        ...TIMELY,
        shared,
        defaults,
        logger: SILENT,
        ...options,
      })
      caches.push(cache)
      return cache
    },
    async eventually(check) {
      for (let waited = 0; ; waited += STEP_MS) {
        try {
          await check()
          return
        } catch (error) {
          if (waited >= PATIENCE_MS) throw error
          await pass(STEP_MS)
        }
      }
    },
    pass: (ms) => pass(ms),
    async [Symbol.asyncDispose]() {
      await Promise.all(caches.map((cache) => cache.close()))
      user.end()
    },
  }
}
