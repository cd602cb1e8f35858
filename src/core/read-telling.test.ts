import { describe, expect, test } from 'vitest'
import type { ReadsEvent } from '../contracts/events.ts'
import { createCache } from '../create-cache.ts'
import { FakeClock } from '../testing/fake-clock.ts'

function setup() {
  const clock = new FakeClock()
  const cache = createCache({ name: 'shop', metrics: 'off' }, { clock })
  const told: Omit<ReadsEvent, 'type' | 'tier' | 'errors'>[] = []
  const listen = (): Disposable =>
    cache.on('reads', ({ pattern, hits, misses }) => told.push({ pattern, hits, misses }))
  return { clock, cache, told, listen }
}

describe('reads', () => {
  test('are told once a second, exactly, and not at all when there were none', async () => {
    const { clock, cache, told, listen } = setup()
    listen()
    listen()[Symbol.dispose]()
    await cache.set('a', 1)
    await cache.getMany(['a', 'b', 'c'])
    await clock.advance(999)
    expect(told).toEqual([])
    await clock.advance(1)
    expect(told).toEqual([{ pattern: '*', hits: 1, misses: 2 }])
    await clock.advance(5_000)
    expect(told).toHaveLength(1)
    await cache.get('a')
    await clock.advance(1_000)
    expect(told.at(-1)).toEqual({ pattern: '*', hits: 1, misses: 0 })
  })

  test('that were counted before anybody listened are told too', async () => {
    const { clock, cache, told, listen } = setup()
    await cache.get('a')
    listen()
    await clock.advance(1_000)
    expect(told).toEqual([{ pattern: '*', hits: 0, misses: 1 }])
  })

  test('cost no timer while nobody listens, and are told again when somebody does', async () => {
    const { clock, cache, told, listen } = setup()
    const listening = listen()
    expect(clock.timers).toBe(1)
    listening[Symbol.dispose]()
    await clock.advance(1_000)
    expect(clock.timers).toBe(0)
    listen()
    await cache.get('a')
    await clock.advance(1_000)
    expect(told).toHaveLength(1)
  })

  test('are told once more when the cache is closed', async () => {
    const { clock, cache, told, listen } = setup()
    listen()
    await cache.get('a')
    await cache.close()
    expect(told).toEqual([{ pattern: '*', hits: 0, misses: 1 }])
    expect(clock.timers).toBe(0)
  })
})
