/** Removals by cause against what has really left: counted from outside, by looking what is there. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCache } from '../../src/create-cache.ts'
import { FakeClock } from '../../src/testing/index.ts'

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), key: fc.nat(11) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: fc.nat(11) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), key: fc.nat(11) }) },
)

test('what came in is what is there and what has left, by cause', async () => {
  let evicted = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      const clock = new FakeClock()
      const options = { memory: { entries: 5 }, defaults: { ttl: '10s', jitter: 0 } } as const
      await using cache = createCache({ name: 'sums', ...options }, { clock })
      const cameIn = { all: 0, deleted: 0 }
      for (const { kind, key } of steps) {
        const name = `key:${key}`
        const before = (await cache.usage()).memory.entries
        const isThere = await cache.has(name)
        if (kind === 'wait') await clock.advance(4_000)
        else if (kind === 'delete') {
          await cache.delete(name)
          if (isThere) cameIn.deleted += before - (await cache.usage()).memory.entries
        } else {
          await cache.set(name, key)
          if (!isThere) cameIn.all += 1
        }
      }
      // Removals are told a tick later, many at once.
      await clock.advance(1)
      const { entries } = (await cache.usage()).memory
      const {
        deleted,
        expired,
        evicted: left,
        invalidated,
      } = (await cache.stats()).total.removals.memory
      evicted += left
      expect(deleted + invalidated).toBe(cameIn.deleted)
      expect(deleted + expired + left + invalidated).toBe(cameIn.all - entries)
    }),
    { numRuns: 100 },
  )
  expect(evicted).toBeGreaterThan(50)
})
