/** Figures as a user of the cache sees them. */

import { expect, test } from 'vitest'
import { LoaderTimeoutError } from '../contracts/errors.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/shared-memory-tier.ts'
import { FakeClock } from '../testing/fake-clock.ts'

test('reads, loads and writes are counted by pattern and in all', async () => {
  await using cache = createCache({ name: 'shop', workload: 'write-heavy' })
  const users = cache.collection('user', {
    workload: 'read-heavy',
    source: { load: (id: number) => (id === 0 ? undefined : { id }) },
  })
  await users.get(1)
  await users.get(1)
  await users.get(2)
  await users.get(0)
  await cache.set('a', 1)
  await cache.get('a')
  await cache.get('b')
  const { total, patterns, memory, health } = await cache.stats()
  expect(total).toMatchObject({
    hits: 2,
    misses: 4,
    hitRate: 1 / 3,
    memory: { hits: 2, misses: 4, errors: 0 },
    loads: { loaded: 2, absent: 1 },
    writes: { set: 1 },
  })
  expect(patterns.map(({ pattern, hits, misses }) => [pattern, hits, misses])).toEqual([
    ['user:*', 1, 3],
    ['*', 1, 1],
  ])
  expect(patterns.map(({ workload }) => workload)).toEqual(['read-heavy', 'write-heavy'])
  expect(memory.entries).toBe(3)
  expect(health).toEqual({ state: 'healthy', reasons: [] })
})

test('nothing is counted where metrics are off, and health is told all the same', async () => {
  await using cache = createCache({ name: 'shop', metrics: 'off' })
  await expect(cache.stats()).rejects.toThrow('metrics')
  await expect(cache.fleet()).rejects.toThrow('metrics')
  expect(await cache.health()).toEqual({ state: 'healthy', reasons: [] })
})

test('an audit is shown with what all of them together are worth', async () => {
  await using cache = createCache({ name: 'shop', shared: memoryTier() })
  const users = cache.collection('user', { source: (id: number) => ({ id }) })
  await cache.ready()
  expect((await cache.stats()).audit).toBeNull()
  for (let id = 0; id < 9; id += 1) await users.get(id)
  await cache.audit({ sample: 9, within: 1 })
  const { audit } = await cache.stats()
  expect(audit).toMatchObject({ sampled: 9, consistent: 9, stale: 0, unsure: 0 })
  // Nine that are well can show that nine of ten are.
  expect(audit?.nines).toBeCloseTo(1)
})

test('reads that got an error are counted, and those that had a graced value are not', async () => {
  const clock = new FakeClock()
  const scene: { how: 'fine' | 'hangs' | 'fails' } = { how: 'fine' }
  const logger = { level: 'silent', warn: () => {}, error: () => {} }
  const cache = createCache({ name: 'shop', logger }, { clock })
  const told: unknown[] = []
  cache.on('unanswered', (event) => told.push(event))
  const users = cache.collection('user', {
    ttl: '10s',
    grace: '1h',
    source: {
      breaker: 'off',
      load: async (id: number) => {
        if (scene.how === 'hangs') await new Promise(() => {})
        if (scene.how === 'fails') throw new Error('no rows')
        return { id }
      },
    },
  })
  const failure = async (reading: Promise<unknown>): Promise<unknown> => {
    const settled = reading.catch((error: unknown) => error)
    await clock.advance(6_000)
    return await settled
  }
  expect(await failure(users.get(1))).toEqual({ id: 1 })
  await clock.advance(20_000)
  scene.how = 'fails'
  expect(await failure(users.get(1))).toEqual({ id: 1 })
  const failed = await failure(users.get(2))
  expect(failed).toEqual(new Error('no rows'))
  await failure(users.warm([7]))
  expect(await failure(users.refresh(8))).toEqual(new Error('no rows'))
  scene.how = 'hangs'
  const slow = await failure(users.get(3))
  expect(slow).toBeInstanceOf(LoaderTimeoutError)
  const of = { type: 'unanswered', pattern: 'user:*' }
  expect(told).toEqual([
    { ...of, reason: 'load-failed', error: failed },
    { ...of, reason: 'load-slow', error: slow },
  ])
  const { total, patterns } = await cache.stats()
  expect(total.unanswered).toEqual({ slow: 1, failed: 1 })
  expect(patterns[0]?.unanswered).toEqual({ slow: 1, failed: 1 })
})
