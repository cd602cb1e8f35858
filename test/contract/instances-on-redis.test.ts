/** Several instances of one cache over a real Redis server, with each client. */

import { setTimeout as pass } from 'node:timers/promises'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Cache } from '../../src/index.ts'
import { createCache } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import { startRedis } from '../servers/start-redis.ts'
import { INSTANCES_CASES, type Instances } from './instances-cases.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const STEP_MS = 5
const PATIENCE_MS = 1_000

describe.each(drivers)('instances on Redis with $driver', ({ single }) => {
  let server: Awaited<ReturnType<typeof startRedis>>
  let cases = 0
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  test.each(INSTANCES_CASES)('$title', async ({ run }) => {
    cases += 1
    const name = `shop-${cases}`
    const caches: Cache[] = []
    const user = single(server.port)
    const instances: Instances = {
      tells: 'messages',
      open(options = {}) {
        const defaults = { jitter: 0, ttl: '10m', memoryTtl: '10m' } as const
        const shared = redisTier(user.client, { shards: 4 })
        const instance = `instance ${caches.length + 1}`
        const cache = createCache({ name, instance, shared, defaults, logger: SILENT, ...options })
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
    }
    try {
      await run(instances)
    } finally {
      await Promise.all(caches.map((cache) => cache.close()))
      user.end()
    }
  })
})
