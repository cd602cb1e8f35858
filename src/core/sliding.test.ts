import { describe, expect, test } from 'vitest'
import type { SharedSession, SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** A cache whose renewals of shared entries are counted on their way. */
function setup(memory: 'on' | 'off' = 'on') {
  const clock = new FakeClock()
  const touches: number[] = []
  const tier = memoryTier()
  const shared: SharedTier = {
    kind: tier.kind,
    open(context): SharedSession {
      const session = tier.open(context)
      return Object.assign(session, {
        touch: ((original) => (requests) => {
          touches.push(clock.monotonic())
          return original(requests)
        })(session.touch.bind(session)) satisfies SharedSession['touch'],
      })
    },
  }
  const cache = createCache(
    {
      name: 'shop',
      shared,
      defaults: { jitter: 0, ttl: '10s', renewal: 'sliding', memoryTtl: '30s' },
      ...(memory === 'off' ? { memory } : {}),
    },
    { clock },
  )
  return { clock, cache, touches }
}

describe.each(['on', 'off'] as const)('a sliding life, with memory %s', (memory) => {
  test('is renewed once in a tenth of it, however often it is read', async () => {
    const { clock, cache, touches } = setup(memory)
    await cache.set('a', 1)
    for (let i = 0; i < 100; i += 1) {
      expect(await cache.get('a')).toBe(1)
      await clock.advance(100)
    }
    expect(touches).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((second) => second * 1_000))
  })

  test('is not renewed by whoever looks at it without using it', async () => {
    const { clock, cache, touches } = setup(memory)
    await cache.set('a', 1)
    await clock.advance(5_000)
    await cache.inspect('a')
    expect(await cache.ttl('a')).toBe(5_000)
    await clock.settle()
    expect(touches).toEqual([])
  })

  test('of "not found" is not renewed', async () => {
    const { clock, cache, touches } = setup(memory)
    const load = (): undefined => undefined
    await cache.getOrLoad('a', load, { negativeTtl: '10s' })
    await clock.advance(5_000)
    await cache.getOrLoad('a', () => expect.fail('it is known that there is nothing'))
    await clock.advance(5_000)
    expect(await cache.getOrLoad('a', () => 'now')).toBe('now')
    expect(touches).toEqual([])
  })

  test('stands still at its absolute end, without a write for each read', async () => {
    const { clock, cache, touches } = setup(memory)
    await cache.set('a', 1, { expiresAt: clock.now() + 12_000 })
    for (let i = 0; i < 11; i += 1) {
      await clock.advance(1_000)
      expect(await cache.get('a')).toBe(1)
    }
    expect(touches).toEqual([1_000, 2_000])
    await clock.advance(1_000)
    expect(await cache.get('a')).toBeUndefined()
  })

  test('without an end needs no renewal', async () => {
    const { clock, cache, touches } = setup(memory)
    await cache.set('a', 1, { ttl: 'none' })
    await clock.advance(55_000)
    expect(await cache.get('a')).toBe(1)
    await clock.settle()
    expect(touches).toEqual([])
  })
})

test('a copy of a sliding entry is looked up again after its hard age, however often it was read', async () => {
  const { clock, cache } = setup()
  await cache.set('a', 1)
  const lookedUpAt = [0]
  for (let second = 1; second <= 60; second += 1) {
    await clock.advance(1_000)
    const reading = await cache.read('a')
    expect(reading).toMatchObject({ found: true, value: 1 })
    if (reading.tier === 'shared') lookedUpAt.push(second)
  }
  const pauses = lookedUpAt.slice(1).map((second, index) => second - (lookedUpAt[index] ?? 0))
  // Its life is shorter here than that of copies: 10 s.
  expect(pauses.length).toBeGreaterThan(4)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(10)
})

test('a sliding entry that the tier did not take is renewed by nobody, and ends when it was to end', async () => {
  const clock = new FakeClock()
  const asked: string[] = []
  const shared = chaosTier(
    memoryTier(),
    (operation) => {
      asked.push(operation)
      return ['set', 'read', 'invalidate'].includes(operation)
        ? { kind: 'fail', error: new Error('the server is down') }
        : { kind: 'none' }
    },
    clock,
  )
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const cache = createCache({ name: 'shop', shared, logger: silent }, { clock })
  await cache.set('a', 1, { ttl: '10s', renewal: 'sliding' })
  for (let second = 1; second < 5; second += 1) {
    await clock.advance(1_000)
    expect(await cache.get('a')).toBe(1)
  }
  await clock.advance(1_000)
  expect(await cache.get('a')).toBeUndefined()
  expect(asked).not.toContain('touch')
})
