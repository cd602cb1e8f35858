import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

function setup(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const cache = createCache({ name: 'shop', defaults: { jitter: 0 }, ...options }, { clock })
  return { clock, cache }
}

const source = (): number => 1

describe('the collections of a cache', () => {
  test('have names of their own', () => {
    const { cache } = setup()
    cache.collection('thing', { source })
    expect(() => cache.collection('thing', { source })).toThrow('`collection`')
    expect(() => cache.collection('a:b', { source })).toThrow('`collection`')
    expect(() => cache.collection('', { source })).toThrow('`collection`')
  })

  test('are refused with the path of what is wrong, and can be made after that', () => {
    const { cache } = setup()
    const make = (options: object) => cache.collection('thing', { source, ...options })
    expect(() => make({ ttl: 0 })).toThrow('`collection(thing).ttl`')
    expect(() => make({ version: -1 })).toThrow('`collection(thing).version`')
    expect(() => make({ timeouts: { hard: 0 } })).toThrow('`collection(thing).timeouts.hard`')
    expect(make({}).name).toBe('thing')
  })

  test('are a thousand at most: they are declared, not made from data', () => {
    const { cache } = setup()
    for (let i = 0; i < 1000; i += 1) cache.collection(`thing${i}`, { source })
    expect(() => cache.collection('one.more', { source })).toThrow('at most 1000')
  })

  test('without a store cannot be written', async () => {
    const { cache } = setup()
    const things = cache.collection<number, number>('thing', { source })
    await expect(things.put(1, 1)).rejects.toMatchObject({ field: 'collection(thing).store' })
  })
})

describe('a cache', () => {
  test('tells what its tiers hold', async () => {
    const alone = setup({ memory: { bytes: 1_000_000 } })
    await alone.cache.set('a', 'text', { size: 3 })
    const { memory, shared } = await alone.cache.usage()
    expect(memory).toMatchObject({ entries: 1, weight: 3 })
    expect(memory.bytes).toBeGreaterThan(4)
    expect(shared).toBeUndefined()

    const both = setup({ memory: 'off', shared: memoryTier() })
    await both.cache.set('a', 'text')
    const usage = await both.cache.usage()
    expect(usage.memory).toEqual({ entries: 0, bytes: 0, weight: 0 })
    expect(usage.shared).toMatchObject({ entries: 1 })
  })

  test('removes a share of its entries on demand', async () => {
    const { cache } = setup({ memory: { compaction: 0.5 } })
    await cache.setMany(Array.from({ length: 10 }, (_, i): [string, number] => [`k${i}`, i]))
    expect(cache.compact()).toBe(5)
    expect(cache.compact(1)).toBe(5)
    expect(() => cache.compact(1.1)).toThrow('`share`')
    expect(setup({ memory: 'off', shared: memoryTier() }).cache.compact()).toBe(0)
  })

  test('is ready when its shared tier is', async () => {
    await setup().cache.ready()
    await setup({ shared: memoryTier() }).cache.ready()
    const tier = memoryTier()
    const { cache } = setup({
      shared: {
        kind: 'broken',
        open: (context) =>
          Object.assign(tier.open(context), { ready: Promise.reject(new Error('no such file')) }),
      },
    })
    await expect(cache.ready()).rejects.toThrow('no such file')
  })

  test('closes although a loader never ends', async () => {
    const { cache, clock } = setup()
    const reading = cache.getOrLoad('a', () => new Promise(() => {}))
    reading.catch(() => {})
    await clock.settle()
    const closing = cache.close()
    expect(cache.close()).toBe(closing)
    await clock.advance(5_000)
    await closing
    await expect(reading).rejects.toMatchObject({ code: 'closed' })
    expect(() => cache.collection('thing', { source })).toThrow('is closed')
    await expect(cache.invalidateTags(['red'])).rejects.toMatchObject({ code: 'closed' })
    await expect(cache.clear()).rejects.toMatchObject({ code: 'closed' })
    expect(clock.timers).toBe(0)
  })

  test('has nothing to do for no tags', async () => {
    const { cache } = setup()
    expect(await cache.invalidateTags([])).toMatchObject({ state: 'done', unconfirmed: [] })
    await expect(cache.invalidateTags([''])).rejects.toMatchObject({ field: 'tags[0]' })
  })
})
