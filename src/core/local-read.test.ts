import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** Two instances; while `scene.cutOff` holds, `here` hears of nothing and is answered nothing. */
function setup(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const scene = { cutOff: false }
  const down: Fault = { kind: 'fail', error: new Error('no way to it') }
  const planned = chaosTier(tier, () => (scene.cutOff ? down : { kind: 'none' }), clock)
  const base = {
    name: 'shop',
    logger: { level: 'silent', warn: () => {}, error: () => {} },
    defaults: { jitter: 0, ttl: '1h', memoryTtl: '1h' },
  } as const
  const here = createCache({ ...base, shared: planned, ...options }, { clock })
  const there = createCache({ ...base, shared: tier }, { clock })
  const local = (key: string) => here.read(key, { read: 'memory' })
  return { clock, scene, here, there, local }
}

const blind = (whenBlind: 'bypass' | 'flush' | 'serve-stale') => ({
  coherence: { whenBlind, maxBlindness: '2s' } as const,
})

describe('a copy, while this process has been cut off for longer than is allowed,', () => {
  test.each(['bypass', 'flush', 'serve-stale'] as const)(
    'is served as it is until then, whatever is to come (`%s`)',
    async (whenBlind) => {
      const { here, there, scene, clock, local } = setup(blind(whenBlind))
      await here.set('a', 'old')
      await clock.advance(500)
      scene.cutOff = true
      await there.set('a', 'new')
      await clock.advance(1_500)
      expect(await local('a')).toMatchObject({ value: 'old', stale: false })
      await clock.advance(501)
      const later = await local('a')
      expect(later).not.toMatchObject({ stale: false })
    },
  )

  test('is passed by, and served again once changes are followed', async () => {
    const { here, scene, clock, local } = setup(blind('bypass'))
    await here.setMany([
      ['a', 1],
      ['b', 2],
    ])
    scene.cutOff = true
    await clock.advance(3_000)
    expect(await local('a')).toEqual({ found: false, tier: 'memory' })
    expect(await here.get('a')).toBeUndefined()
    scene.cutOff = false
    await clock.advance(3_000)
    expect(await local('a')).toMatchObject({ value: 1, stale: false })
    expect(await here.get('b')).toBe(2)
  })

  test('is passed by, also if it is tagged or cloned', async () => {
    const { here, scene, clock, local } = setup({
      ...blind('bypass'),
      memory: { copy: 'clone' },
    })
    await here.set('a', { n: 1 }, { tags: ['red'] })
    scene.cutOff = true
    await clock.advance(3_000)
    expect(await local('a')).toEqual({ found: false, tier: 'memory' })
  })

  test('that others have changed meanwhile is not served again afterwards', async () => {
    const { here, there, scene, clock } = setup(blind('bypass'))
    await here.setMany([
      ['a', 'old'],
      ['b', 'same'],
    ])
    scene.cutOff = true
    await there.set('a', 'new')
    await clock.advance(3_000)
    scene.cutOff = false
    await clock.advance(3_000)
    expect([await here.get('a'), await here.get('b')]).toEqual(['new', 'same'])
  })

  test('is dropped where that is asked for, once it is met', async () => {
    const { here, scene, clock, local } = setup(blind('flush'))
    await here.setMany([
      ['met', 1],
      ['not met', 2],
    ])
    scene.cutOff = true
    await clock.advance(3_000)
    expect(await local('met')).toEqual({ found: false, tier: 'memory' })
    scene.cutOff = false
    await clock.advance(3_000)
    expect(await local('met')).toEqual({ found: false, tier: 'memory' })
    expect(await local('not met')).toMatchObject({ value: 2 })
  })

  test('is served and marked as stale where that is asked for, until its life is over', async () => {
    const { here, scene, clock } = setup(blind('serve-stale'))
    await here.set('a', 'old', { ttl: '10s', grace: '10s' })
    await here.set('aged', 'old', { ttl: '1h', memoryTtl: '4s' })
    scene.cutOff = true
    await clock.advance(3_000)
    expect(await here.read('a')).toMatchObject({ tier: 'memory', value: 'old', stale: true })
    expect([await here.get('a'), await here.get('aged')]).toEqual(['old', 'old'])
    await clock.advance(1_000)
    expect([await here.get('a'), await here.get('aged')]).toEqual(['old', undefined])
    await clock.advance(6_000)
    expect(await here.get('a')).toBeUndefined()
  })

  test('is served as it is from then on where changes are followed again', async () => {
    const { here, scene, clock } = setup(blind('serve-stale'))
    await here.set('a', 'old')
    scene.cutOff = true
    await clock.advance(3_000)
    expect(await here.read('a')).toMatchObject({ stale: true })
    scene.cutOff = false
    await clock.advance(3_000)
    expect(await here.read('a')).toMatchObject({ tier: 'memory', stale: false })
  })
})

describe('a copy with tags', () => {
  test('is judged again after a removal, and served if it was not meant', async () => {
    const { here, there, clock, local } = setup()
    await here.set('red', 1, { tags: ['red'] })
    await here.set('blue', 2, { tags: ['blue'] })
    await there.invalidateTags(['red'])
    await clock.settle()
    expect(await local('red')).toEqual({ found: false, tier: 'memory' })
    expect(await local('blue')).toMatchObject({ value: 2 })
    expect(await here.get('blue')).toBe(2)
  })

  test('that was expired is in grace: offered to a load that fails, and no answer by itself', async () => {
    const { here, there, clock, local } = setup()
    await here.set('graced', 'old', { tags: ['red'], grace: '1h' })
    await here.set('bare', 'old', { tags: ['red'] })
    await there.expireTags(['red'])
    await clock.settle()
    expect(await local('graced')).toEqual({ found: false, tier: 'memory' })
    const down = (): never => {
      throw new Error('the source is down')
    }
    const reading = here.readOrLoad('graced', down)
    await clock.settle()
    expect(await reading).toMatchObject({ value: 'old', stale: true })
    await expect(here.getOrLoad('bare', down)).rejects.toThrow('the source is down')
  })

  test('that was expired here is judged by this process alone where there is no tier', async () => {
    const clock = new FakeClock()
    const alone = createCache({ name: 'shop', defaults: { jitter: 0 } }, { clock })
    await alone.set('a', 'old', { tags: ['red'], grace: '1h', ttl: '2h' })
    await alone.set('bare', 'old', { tags: ['red'] })
    await alone.expireTags(['red'])
    expect(await alone.get('a')).toBeUndefined()
    expect([await alone.ttl('a'), await alone.ttl('bare')]).toEqual([0, undefined])
    expect(await alone.inspect('bare')).toBeUndefined()
    // A new life would make a fresh hit of what is to be loaded anew.
    expect([await alone.touch('a'), await alone.touch('bare')]).toEqual([false, false])
    expect(await alone.get('a')).toBeUndefined()
    const down = (): never => {
      throw new Error('the source is down')
    }
    expect(await alone.readOrLoad('a', down)).toMatchObject({ value: 'old', stale: true })
  })
})

describe('a copy past its service', () => {
  test('is a fallback in its grace alone, and none without grace', async () => {
    const clock = new FakeClock()
    const alone = createCache({ name: 'shop', defaults: { jitter: 0 } }, { clock })
    await alone.set('a', 'old', { ttl: '1s', grace: '1s' })
    await clock.advance(1_000)
    const down = (): never => {
      throw new Error('the source is down')
    }
    expect(await alone.getOrLoad('a', down)).toBe('old')
    await clock.advance(1_000)
    await expect(alone.getOrLoad('a', down)).rejects.toThrow('the source is down')
  })

  test('but not past its freshness is looked up again, and found in the tier', async () => {
    const { here, clock } = setup()
    await here.set('a', 1, { memoryTtl: '1s', ttl: '1h' })
    await clock.advance(1_000)
    expect(await here.read('a')).toMatchObject({ tier: 'shared', value: 1, stale: false })
  })
})
