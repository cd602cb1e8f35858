/** Each cause of a low hit rate, planted, and named with its cure (M6). */

import { describe, expect, test } from 'vitest'
import type { Cache, CacheOptions } from '../contracts/cache.ts'
import type { PatternMetrics } from '../contracts/metrics.ts'
import type { Duration } from '../contracts/options.ts'
import { createCache } from '../create-cache.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const QUIET = { level: 'silent', warn: () => {}, error: () => {} }

function setup(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const cache = createCache(
    { name: 'shop', logger: QUIET, defaults: { ttl: '1h', jitter: 0 }, ...options },
    { clock },
  )
  const of = async (pattern: string): Promise<PatternMetrics> => {
    // What has left the tier is told once a tick.
    await clock.advance(1)
    const { patterns } = await cache.stats()
    const found = patterns.find((one) => one.pattern === pattern)
    if (found === undefined) throw new Error(`Nothing was counted of ${pattern}.`)
    return found
  }
  return { clock, cache, of }
}

function items(cache: Cache, ttl: Duration = '1h') {
  return cache.collection('item', { ttl, source: (id: number) => (id < 0 ? undefined : { id }) })
}

describe('a hit rate below good', () => {
  test('is of lives that are shorter than the time between two reads', async () => {
    const { clock, cache, of } = setup()
    const collection = items(cache, '1m')
    for (let round = 0; round < 10; round += 1) {
      for (let id = 0; id < 50; id += 1) await collection.get(id)
      await clock.advance(120_000)
    }
    const { verdict, hitRate } = await of('item:*')
    expect(hitRate).toBe(0)
    expect(verdict).toMatchObject({ grade: 'low', cause: 'short-life' })
    expect(verdict.advice).toContain('raise `ttl`')
  })

  test('is of keys that never repeat', async () => {
    const { cache, of } = setup()
    for (let at = 0; at < 500; at += 1) {
      await cache.getOrLoad(`search:${1_700_000_000_000 + at}`, () => at)
    }
    const { verdict } = await of('search:*')
    expect(verdict).toMatchObject({ grade: 'low', cause: 'never-repeated' })
    expect(verdict.advice).toContain('timestamps')
  })

  test('is of entries that are removed before they are read again', async () => {
    const { cache, of } = setup()
    const collection = items(cache)
    for (let round = 0; round < 10; round += 1) {
      for (let id = 0; id < 50; id += 1) await collection.get(id)
      await collection.clear()
    }
    const { verdict } = await of('item:*')
    expect(verdict).toMatchObject({ grade: 'low', cause: 'removed-early' })
    expect(verdict.advice).toContain('narrower tags')
  })

  test('is of entries that are evicted', async () => {
    const { cache, of } = setup({ memory: { entries: 20 } })
    const collection = items(cache)
    for (let round = 0; round < 10; round += 1) {
      for (let id = 0; id < 200; id += 1) await collection.get(id)
    }
    const { verdict } = await of('item:*')
    expect(verdict).toMatchObject({ grade: 'low', cause: 'evicted' })
    expect(verdict.advice).toContain('bounds of `memory`')
  })

  test('is of keys of which nothing is kept', async () => {
    const { cache, of } = setup()
    const collection = items(cache)
    for (let round = 0; round < 10; round += 1) {
      for (let id = -50; id < 0; id += 1) await collection.get(id)
    }
    const { verdict } = await of('item:*')
    expect(verdict).toMatchObject({ grade: 'low', cause: 'not-kept' })
    expect(verdict.advice).toContain('negativeTtl')
  })

  test('is judged by the declared workload', async () => {
    const { cache, of } = setup()
    const declare = (name: string, workload: 'read-heavy' | 'write-heavy') =>
      cache.collection(name, { workload, source: (id: number) => ({ id }) })
    for (const workload of ['read-heavy', 'write-heavy'] as const) {
      const collection = declare(workload, workload)
      for (let at = 0; at < 200; at += 1) {
        await collection.get(at % 80)
      }
    }
    // 120 of 200 are hits.
    expect((await of('read-heavy:*')).verdict.grade).toBe('low')
    expect((await of('write-heavy:*')).verdict.grade).toBe('good')
    expect((await of('write-heavy:*')).verdict.cause).toBeNull()
  })

  test('is not spoken of where there were few reads', async () => {
    const { cache, of } = setup()
    const collection = items(cache)
    for (let id = 0; id < 20; id += 1) await collection.get(id)
    expect((await of('item:*')).verdict.grade).toBe('unknown')
  })
})

describe('a declared workload', () => {
  test('that reads and writes contradict is told', async () => {
    const { cache, of } = setup({ workload: 'read-heavy' })
    for (let at = 0; at < 200; at += 1) {
      await cache.set('a', at)
      await cache.get('a')
    }
    expect((await of('*')).verdict.contradiction).toContain('Declared read-heavy')
    const still = cache.collection('still', {
      workload: 'write-heavy',
      source: (id: number) => ({ id }),
    })
    for (let at = 0; at < 200; at += 1) await still.get(1)
    expect((await of('still:*')).verdict.contradiction).toContain('Declared write-heavy')
  })

  test('that fits is not contradicted', async () => {
    const { cache, of } = setup({ workload: 'write-heavy' })
    for (let at = 0; at < 200; at += 1) {
      await cache.set('a', at)
      await cache.get('a')
    }
    expect((await of('*')).verdict.contradiction).toBe('')
  })
})
