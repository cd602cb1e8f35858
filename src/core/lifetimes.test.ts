import { describe, expect, test } from 'vitest'
import type { SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const TIERS = [
  ['memory alone', () => ({})],
  ['shared alone', () => ({ memory: 'off', shared: memoryTier() })],
  ['both tiers', () => ({ shared: memoryTier() })],
] as const

describe.each(TIERS)('an entry of %s', (_, tiers) => {
  function setup() {
    const clock = new FakeClock()
    const cache = createCache({ name: 'shop', ...tiers(), defaults: { jitter: 0 } }, { clock })
    return { clock, cache }
  }

  test('that was touched for once keeps the life that it was granted', async () => {
    const { cache } = setup()
    await cache.set('a', 1, { ttl: '10s' })
    await cache.touch('a', '1m')
    expect(await cache.ttl('a')).toBe(60_000)
    await cache.touch('a')
    expect(await cache.ttl('a')).toBe(10_000)
  })

  test('that slides is renewed for what it was granted, also when it was touched for less', async () => {
    const { cache, clock } = setup()
    await cache.set('a', 1, { ttl: '90s', renewal: 'sliding' })
    await cache.touch('a', '20s')
    expect(await cache.get('a')).toBe(1)
    await clock.settle()
    expect(await cache.ttl('a')).toBe(90_000)
  })

  test('is not touched past its absolute end', async () => {
    const { cache, clock } = setup()
    await cache.set('a', 1, { ttl: '10s', expiresAt: clock.now() + 15_000, grace: '1m' })
    await cache.touch('a', '1m')
    expect(await cache.ttl('a')).toBe(15_000)
    await clock.advance(15_000)
    expect(await cache.touch('a')).toBe(false)
  })

  test('without an end that is expired is gone at once, or when its grace is over', async () => {
    const { cache, clock } = setup()
    await cache.set('bare', 1, { ttl: 'none' })
    await cache.set('graced', 1, { ttl: 'none', grace: '5s' })
    await cache.expire('bare')
    await cache.expire('graced')
    expect([await cache.ttl('bare'), await cache.ttl('graced')]).toEqual([undefined, 0])
    expect([await cache.touch('bare'), await cache.inspect('bare')]).toEqual([false, undefined])
    await clock.advance(5_000)
    expect([await cache.ttl('graced'), await cache.touch('graced')]).toEqual([undefined, false])
    const previous: unknown[] = []
    const loading = cache.getOrLoad('graced', (context) => {
      previous.push(context.previous)
      throw new Error('down')
    })
    await expect(loading).rejects.toThrow('down')
    expect(previous).toEqual([undefined])
  })
})

describe('a touch', () => {
  /** Two instances; steps of the first meet `scene.plan`. */
  function setup() {
    const clock = new FakeClock()
    const tier = memoryTier()
    const scene: { plan: (operation: string) => Fault } = { plan: () => ({ kind: 'none' }) }
    const planned = chaosTier(tier, (operation) => scene.plan(operation), clock)
    const base = {
      name: 'shop',
      logger: { level: 'silent', warn: () => {}, error: () => {} },
      defaults: { jitter: 0, ttl: '1h' },
    } as const
    const here = createCache({ ...base, shared: planned }, { clock })
    const there = createCache({ ...base, shared: tier }, { clock })
    const failing = (...operations: string[]): void => {
      scene.plan = (operation) =>
        operations.includes(operation)
          ? { kind: 'fail', error: new Error('the server is down') }
          : { kind: 'none' }
    }
    return { clock, scene, here, there, failing }
  }

  test('without an end gives the entry none', async () => {
    const { here, there } = setup()
    await here.set('a', 1)
    expect(await here.touch('a', 'none')).toBe(true)
    expect([await here.ttl('a'), await there.ttl('a')]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ])
  })

  test('that the tier does not answer rejects, and changes nothing', async () => {
    const { here, there, failing } = setup()
    await here.set('a', 1)
    failing('touch')
    await expect(here.touch('a', '2h')).rejects.toMatchObject({ code: 'tier' })
    failing()
    expect([await here.ttl('a'), await there.ttl('a')]).toEqual([3_600_000, 3_600_000])
  })

  test('of an entry of another life drops the copy of the former', async () => {
    const { here, there, failing, clock } = setup()
    await here.set('a', 'old')
    failing('signal')
    await there.set('a', 'new')
    await clock.settle()
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ value: 'old' })
    expect(await here.touch('a', '2h')).toBe(true)
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ found: false })
    expect(await here.get('a')).toBe('new')
  })

  test('during which a tag of the entry is removed vouches for no copy', async () => {
    const { here, scene, clock } = setup()
    await here.set('a', 1, { tags: ['red'] })
    scene.plan = (operation) =>
      operation === 'touch' ? { kind: 'delay', ms: 50 } : { kind: 'none' }
    const touching = here.touch('a', '2h')
    await clock.settle()
    await here.invalidateTags(['red'])
    await clock.advance(50)
    expect(await touching).toBe(false)
    expect(await here.get('a')).toBeUndefined()
  })

  test('of a copy that nobody could compare with the tier does not make it live longer', async () => {
    const { here, failing, clock } = setup()
    failing('set', 'read', 'invalidate')
    await here.set('a', 1)
    failing('read', 'invalidate', 'touch')
    await here.touch('a', '2h').catch(() => {})
    await clock.advance(5_000)
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ found: false })
  })

  test('and a look at a life catch up first where changes were not followed for too long', async () => {
    const { here, there, failing, clock } = setup()
    await there.set('a', 1)
    failing('follow')
    await clock.advance(6_000)
    expect(await here.ttl('a')).toBeUndefined()
    expect(await here.touch('a')).toBe(false)
    failing()
    expect(await here.ttl('a')).toBe(3_594_000)
    expect(await here.touch('a')).toBe(true)
  })

  test('of a value that was loaded blind, and stands in the tier as well, does not lengthen it here', async () => {
    const { here, there, failing, clock } = setup()
    await there.set('a', 'in the tier')
    await clock.settle()
    failing('read')
    expect(await here.getOrLoad('a', () => 'loaded blind')).toBe('loaded blind')
    failing()
    expect(await here.touch('a', '2h')).toBe(true)
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ value: 'loaded blind' })
    await clock.advance(5_000)
    expect(await here.get('a')).toBe('in the tier')
  })

  test('whose answer comes after a tag was removed here alone vouches for no copy', async () => {
    const clock = new FakeClock()
    const tier = memoryTier()
    const slow: SharedTier = {
      kind: 'memory',
      open(context) {
        const session = tier.open(context)
        const touch = session.touch.bind(session)
        return Object.assign(session, {
          touch: async (requests: Parameters<typeof touch>[0]) => {
            const answers = await touch(requests)
            await new Promise<void>((resolve) => void clock.schedule(50, resolve))
            return answers
          },
          invalidate: () => Promise.reject(new Error('the server is down')),
        })
      },
    }
    const silent = { level: 'silent', warn: () => {}, error: () => {} }
    const cache = createCache({ name: 'shop', shared: slow, logger: silent }, { clock })
    await cache.set('a', 1, { tags: ['red'] })
    const touching = cache.touch('a', '2h')
    await clock.settle()
    expect(await cache.invalidateTags(['red'])).toMatchObject({ state: 'pending' })
    await clock.advance(50)
    expect(await touching).toBe(true)
    expect(await cache.get('a')).toBeUndefined()
  })
})
