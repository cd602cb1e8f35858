/** Several instances of one cache, over each shared tier that tells its changes. */

import { describe, test } from 'vitest'
import type { Cache } from '../../src/index.ts'
import { createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { INSTANCES_CASES, type Instances } from './instances-cases.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const STEP_MS = 20
/** Hints alone; the next follow may be 400 ms away. */
const PATIENCE_MS = 100

/** On one clock that stands still until somebody waits. */
function onFakeClock(shards: number): { readonly instances: Instances; close(): Promise<unknown> } {
  const clock = new FakeClock()
  const shared = memoryTier({ shards })
  const caches: Cache[] = []
  const instances: Instances = {
    tells: 'messages',
    open(options = {}) {
      const defaults = { jitter: 0, ttl: '10m', memoryTtl: '10m' } as const
      const names = { name: 'shop', instance: `instance ${caches.length + 1}` }
      const cache = createCache(
        { ...names, shared, defaults, logger: SILENT, ...options },
        { clock },
      )
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
          await clock.advance(STEP_MS)
        }
      }
    },
    pass: (ms) => clock.advance(ms),
  }
  return { instances, close: () => Promise.all(caches.map((cache) => cache.close())) }
}

describe.each([1, 3])('instances on memory with %s shard(s)', (shards) => {
  test.each(INSTANCES_CASES)('$title', async ({ run }) => {
    const { instances, close } = onFakeClock(shards)
    await run(instances)
    await close()
  })
})
