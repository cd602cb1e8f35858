/** Several instances of one cache over one file, each with a worker of its own, as processes have it. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { describe, test } from 'vitest'
import type { Cache } from '../../src/index.ts'
import { createCache } from '../../src/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { INSTANCES_CASES, type Instances } from './instances-cases.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const STEP_MS = 5
const PATIENCE_MS = 1_000
/** A machine under load is slow, and no case is about a tier that does not answer in time. */
const TIMELY = { sharedTimeout: '5s' } as const
const BUSY_MS = 5_000

describe('instances on SQLite', () => {
  test.each(INSTANCES_CASES)('$title', async ({ run }) => {
    const folder = await mkdtemp(join(tmpdir(), 'tiercel-instances-'))
    const caches: Cache[] = []
    const instances: Instances = {
      tells: 'state',
      open(options = {}) {
        const defaults = { jitter: 0, ttl: '10m', memoryTtl: '10m' } as const
        const shared = sqliteTier(join(folder, 'cache.db'), { busyTimeoutMs: BUSY_MS })
        const names = { name: 'shop', instance: `instance ${caches.length + 1}` }
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
    }
    try {
      await run(instances)
    } finally {
      await Promise.all(caches.map((cache) => cache.close()))
      await rm(folder, { recursive: true })
    }
  })
})
