import { describe, expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
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
