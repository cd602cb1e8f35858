import { describe, expect, test } from 'vitest'
import type { Cache, CacheOptions } from '../contracts/cache.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const

function setup(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const cache = createCache({ name: 'shop', defaults: { jitter: 0 }, ...options }, { clock })
  return { clock, cache }
}

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
          Object.defineProperty(tier.open(context), 'ready', {
            value: Promise.reject(new Error('no such file')),
          }),
      },
    })
    await expect(cache.ready()).rejects.toThrow('no such file')
  })

  test('is waited for no longer than the caller wants, and by others as before', async () => {
    const tier = memoryTier()
    const opening = Promise.withResolvers<void>()
    const shared: SharedTier = {
      kind: 'memory',
      open: (context) =>
        Object.defineProperty(tier.open(context), 'ready', { value: opening.promise }),
    }
    const { cache } = setup({ shared })
    const patience = new AbortController()
    const hasty = cache.ready({ signal: patience.signal })
    const patient = cache.ready()
    patience.abort(new Error('no time'))
    await expect(hasty).rejects.toThrow('no time')
    opening.resolve()
    await patient
    await cache.ready({ signal: new AbortController().signal })
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
    expect(() => cache.collection('thing', { source: () => 1 })).toThrow('is closed')
    await expect(cache.invalidateTags(['red'])).rejects.toMatchObject({ code: 'closed' })
    await expect(cache.clear()).rejects.toMatchObject({ code: 'closed' })
    expect(clock.timers).toBe(0)
  })

  test('clears what it was told to before it closes, though the tier refuses at first', async () => {
    const tier = memoryTier()
    let hangs = false
    const clock = new FakeClock()
    const planned = chaosTier(
      tier,
      (operation) => {
        if (!hangs || operation !== 'invalidate') return { kind: 'none' }
        hangs = false
        return { kind: 'hang' }
      },
      clock,
    )
    const [here, there] = [planned, tier].map((shared) =>
      createCache({ name: 'shop', shared, logger: SILENT }, { clock }),
    ) as [Cache, Cache]
    await here.set('a', 1)
    hangs = true
    const cleared = here.clear()
    const closed = here.close()
    await clock.advance(5_000)
    await closed
    expect(await cleared).toMatchObject({ state: 'pending' })
    expect(await there.get('a')).toBeUndefined()
    await there.close()
  })

  test('refuses a time to close within by its promise, and closes afterwards', async () => {
    const { cache } = setup()
    const refused = cache.close({ timeout: 'soon' as never })
    await expect(refused).rejects.toMatchObject({ field: 'timeout' })
    await cache.close()
  })

  test('has nothing to do for no tags', async () => {
    const { cache } = setup()
    expect(await cache.invalidateTags([])).toMatchObject({ state: 'done', unconfirmed: [] })
    await expect(cache.invalidateTags([''])).rejects.toMatchObject({ field: 'tags[0]' })
  })
})

describe('a cache that is closed', () => {
  const DOWN: Fault = { kind: 'fail', error: new Error('the server is down') }

  /** Its tier meets `scene.plan`; what it warns of is kept. */
  function closing() {
    const clock = new FakeClock()
    const scene: { plan: (operation: string) => Fault } = { plan: () => ({ kind: 'none' }) }
    const warnings: string[] = []
    const logger = {
      warn: (_: object, message: string) => void warnings.push(message),
      error: () => {},
    }
    const tier = memoryTier()
    const shared = chaosTier(tier, (operation) => scene.plan(operation), clock)
    return { clock, scene, warnings, logger, tier, shared }
  }

  test('tells once more what the tier has not taken, and says what was never told', async () => {
    const { clock, scene, warnings, logger, shared } = closing()
    const cache = createCache({ name: 'shop', shared, logger }, { clock })
    await cache.set('a', 1)
    scene.plan = () => DOWN
    await cache.deleteMany(['a', 'b'])
    await cache.close()
    expect(warnings).toContainEqual(expect.stringContaining('2 invalidations were never told'))
  })

  test('waits five seconds for the tier to close, and says that it did not', async () => {
    const { clock, warnings, logger, tier } = closing()
    const stuck: SharedTier = {
      kind: 'memory',
      open: (context) =>
        Object.assign(tier.open(context), { close: () => new Promise<never>(() => {}) }),
    }
    const cache = createCache({ name: 'shop', shared: stuck, logger }, { clock })
    await cache.ready()
    let closed = false
    const ends = cache.close().then(() => {
      closed = true
    })
    await clock.advance(4_999)
    expect(closed).toBe(false)
    await clock.advance(1)
    await ends
    expect(warnings).toContainEqual(expect.stringContaining('the shared tier did not close'))
  })

  test('is unhealthy from the beginning of its end on', async () => {
    const { clock, cache } = setup()
    expect((await cache.health()).state).toBe('healthy')
    const at = clock.now()
    const closing = cache.close()
    const closed = { code: 'closed', pattern: '*', state: 'unhealthy', since: at }
    expect(await cache.health()).toMatchObject({ state: 'unhealthy', reasons: [closed] })
    await clock.until(closing)
    await clock.advance(60_000)
    expect((await cache.health()).reasons).toMatchObject([closed])
  })

  test('refuses what changes all of it', async () => {
    const { cache } = setup()
    await cache.close()
    await expect(cache.clear()).rejects.toMatchObject({ code: 'closed' })
    await expect(cache.invalidateTags(['red'])).rejects.toMatchObject({ code: 'closed' })
    await expect(cache.expireTags(['red'])).rejects.toMatchObject({ code: 'closed' })
    expect(() => cache.collection('thing', { source: () => 1 })).toThrow('is closed')
  })
})

describe('plain keys', () => {
  test('have the calls of a collection', async () => {
    const { cache, clock } = setup({ shared: memoryTier() })
    await cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await clock.advance(1_000)
    expect(await cache.read('a')).toMatchObject({ found: true, tier: 'memory', ageMs: 1_000 })
    expect(await cache.peek('a')).toBe(1)
    expect(await cache.has('b')).toBe(true)
    expect(await cache.touch('a', '1h')).toBe(true)
    expect([await cache.ttl('a'), await cache.ttl('b')]).toEqual([3_600_000, 299_000])
    expect(await cache.inspect('a')).toMatchObject({ tiers: ['memory', 'shared'], absent: false })
    const keys: string[] = []
    for await (const key of cache.keys('?')) keys.push(key)
    expect(keys.sort()).toEqual(['a', 'b'])
    await cache.expire('b')
    expect(await cache.get('b')).toBeUndefined()
    expect(await cache.refresh('b', () => 3)).toBe(3)
    expect(await cache.clear()).toMatchObject({ state: 'done' })
    expect((await cache.getMany(['a', 'b'])).size).toBe(0)
  })

  test('are cleared together with the collections, in every instance', async () => {
    const shared = memoryTier()
    const { cache, clock } = setup({ shared })
    const other = createCache({ name: 'shop', shared }, { clock })
    const [here, there] = [cache, other].map((one) => one.collection('thing', { source: () => 1 }))
    await Promise.all([cache.set('a', 1), here?.get(1), there?.get(1)])
    expect(await other.get('a')).toBe(1)
    await cache.clear()
    await clock.settle()
    expect([await other.peek('a'), await here?.peek(1), await there?.peek(1)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('are cleared also for a caller who leaves', async () => {
    const { cache } = setup()
    await cache.set('a', 1)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(cache.clear({ signal })).rejects.toThrow('enough')
    expect(await cache.get('a')).toBe(1)
  })
})

describe('tags', () => {
  test('are checked, and none at all asks nobody', async () => {
    const { cache } = setup()
    await expect(cache.invalidateTags([''])).rejects.toMatchObject({ field: 'tags[0]' })
    const match = 'some' as 'all'
    await expect(cache.invalidateTags(['a'], { match })).rejects.toMatchObject({ field: 'match' })
    const many = Array.from({ length: 65 }, (_, i) => `tag ${i}`)
    await expect(cache.invalidateTags(many, { match: 'all' })).rejects.toThrow('at most 64')
    expect(await cache.invalidateTags(many)).toMatchObject({ state: 'done' })
    expect(await cache.invalidateTags([])).toEqual({
      state: 'done',
      version: '1',
      unconfirmed: [],
    })
  })
})
