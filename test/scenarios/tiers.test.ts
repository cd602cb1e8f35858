/** How the tiers of one cache work together: who answers, who is filled, and for how long. */

import { describe, expect, test } from 'vitest'
import { type CacheEvent, type CacheOptions, createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

/** Two caches on one shared tier, as two processes, and a source that counts. */
function setup(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const shared = memoryTier()
  const asked: number[][] = []
  const open = () => {
    const cache = createCache(
      { name: 'tiers', shared, ...options, defaults: { jitter: 0, ...options.defaults } },
      { clock },
    )
    const things = cache.collection<number, { id: number }>('thing', {
      source: {
        loadMany: (ids) => {
          asked.push([...ids])
          return new Map(ids.map((id) => [id, { id }]))
        },
      },
    })
    return { cache, things }
  }
  return { clock, asked, one: open(), two: open() }
}

const tierOf = async (reading: Promise<{ tier: string }>) => (await reading).tier

describe('the tiers of a cache', () => {
  test('a hit in the shared tier fills the memory tier, and each has its own life', async () => {
    const { clock, asked, one, two } = setup({ defaults: { ttl: '5m', memoryTtl: '1m' } })
    expect(await tierOf(one.things.read(1))).toBe('source')
    expect(await tierOf(two.things.read(1))).toBe('shared')
    expect(await tierOf(two.things.read(1))).toBe('memory')
    await clock.advance(60_000)
    expect(await tierOf(two.things.read(1))).toBe('shared')
    await clock.advance(240_000)
    expect(await tierOf(two.things.read(1))).toBe('source')
    expect(asked).toEqual([[1], [1]])
  })

  test('a copy in memory never outlives what is left in the shared tier', async () => {
    const { clock, one, two } = setup({ defaults: { ttl: '90s', memoryTtl: '1m' } })
    await one.things.get(1)
    await clock.advance(60_000)
    expect(await tierOf(two.things.read(1))).toBe('shared')
    await clock.advance(30_000)
    expect(await tierOf(two.things.read(1))).toBe('source')
  })

  test('the life in memory that a call asks for counts for what the shared tier had', async () => {
    const { clock, one } = setup()
    await one.cache.set('a', 1, { memoryTtl: '1s' })
    await clock.advance(1_000)
    const read = () => one.cache.readOrLoad('a', () => 2, { memoryTtl: '2s' })
    expect(await tierOf(read())).toBe('shared')
    await clock.advance(1_999)
    expect(await tierOf(read())).toBe('memory')
    await clock.advance(1)
    expect(await tierOf(read())).toBe('shared')
  })

  test('a batch asks the shared tier once, and the source once for what is missing', async () => {
    const { asked, one, two } = setup()
    await one.things.getMany([1, 2, 3])
    const found = await two.things.getMany([1, 2, 3, 4, 5])
    expect([...found.keys()]).toEqual([1, 2, 3, 4, 5])
    expect(asked).toEqual([
      [1, 2, 3],
      [4, 5],
    ])
  })

  test('a read that names a tier is answered by that tier alone', async () => {
    const { asked, one, two } = setup()
    await one.things.get(1)
    expect(await two.things.get(1, { read: 'memory' })).toBe(undefined)
    expect(await two.things.get(2, { read: 'shared' })).toBe(undefined)
    expect(await two.things.get(1, { read: 'shared' })).toEqual({ id: 1 })
    expect(await tierOf(two.things.read(1, { read: 'source' }))).toBe('source')
    expect(asked).toEqual([[1], [1]])
  })

  test('one load for two processes that miss the same key', async () => {
    const { clock, asked, one, two } = setup()
    const both = Promise.all([one.things.get(7), two.things.get(7)])
    await clock.advance(100)
    expect(await both).toEqual([{ id: 7 }, { id: 7 }])
    expect(asked).toEqual([[7]])
  })

  test('what one process removes, no other fills from a load that began before', async () => {
    const { clock, one, two } = setup({ memory: 'off' })
    const held = Promise.withResolvers<string>()
    const loading = one.cache.getOrLoad('a', () => held.promise)
    await clock.advance(0)
    await two.cache.delete('a')
    held.resolve('old')
    expect(await loading).toBe('old')
    expect(await two.cache.get('a')).toBe(undefined)
    expect(await one.cache.get('a')).toBe(undefined)
  })

  test('every read is counted once where it comes in, and once more where it is looked up', async () => {
    const { clock, one } = setup()
    const reads = { memory: [0, 0], shared: [0, 0] }
    const loads: string[] = []
    one.cache.on('reads', ({ tier, hits, misses }) => {
      reads[tier][0] = (reads[tier][0] ?? 0) + hits
      reads[tier][1] = (reads[tier][1] ?? 0) + misses
    })
    one.cache.on('load', ({ outcome }: Extract<CacheEvent, { type: 'load' }>) =>
      loads.push(outcome),
    )
    for (const id of [1, 2, 1, 1, 3]) await one.things.get(id)
    await clock.advance(1_000)
    expect(reads).toEqual({ memory: [2, 3], shared: [0, 3] })
    expect(loads).toEqual(['loaded', 'loaded', 'loaded'])
  })

  test('a loader decides size and priority too, which the memory tier goes by', async () => {
    const { one } = setup({ memory: { entries: 10, weight: 10 } })
    await one.cache.getOrLoad('heavy', (context) => {
      context.options({ size: 9, priority: 'high' })
      return 'heavy'
    })
    expect((await one.cache.usage()).memory.weight).toBe(9)
    await one.cache.set('light', 1, { priority: 'low' })
    await one.cache.set('lighter', 2, { priority: 'low' })
    const { memory } = await one.cache.usage()
    expect(memory.weight).toBeLessThanOrEqual(10)
    expect(await one.cache.get('heavy', { read: 'memory' })).toBe('heavy')
  })
})
