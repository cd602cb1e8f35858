/** Warming over a real Redis: what is done once among all instances, and a start from nothing. */

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { CacheOptions, Collection, CollectionOptions, WarmingEvent } from '../../src/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import { until } from '../servers/until.ts'
import { Fleet } from './fleet.ts'

const clients = drivers.filter(({ driver }) => driver === 'ioredis 5' || driver === 'node-redis 6')

/** Rows whose loads are counted by key. */
class CountedSource {
  readonly loads = new Map<number, number>()
  calls = 0

  readonly loadMany = async (keys: readonly number[]): Promise<Map<number, string>> => {
    this.calls += 1
    for (const key of keys) this.loads.set(key, (this.loads.get(key) ?? 0) + 1)
    await pause(1)
    return new Map(keys.map((key) => [key, `row ${key}`]))
  }
}

type Things = Collection<number, string>

async function joined(
  fleet: Fleet,
  source: CountedSource,
  options: Partial<CollectionOptions<number, string>>,
  more: Partial<CacheOptions> = {},
): Promise<{ things: Things; told: WarmingEvent[] }> {
  // A busy machine may take its time.
  const { cache } = await fleet.join({ sharedTimeout: '5s', ...more })
  const told: WarmingEvent[] = []
  cache.on('warming', (event) => told.push(event))
  return { things: cache.collection('thing', { source, ...options }), told }
}

describe.each(clients)('with $driver', (driver) => {
  test('hot keys that three instances renew at once are loaded once each life', async () => {
    await using fleet = await Fleet.start(driver)
    const source = new CountedSource()
    const keys = Array.from({ length: 20 }, (_, key) => key)
    const LIFE_MS = 1_500
    const hot = { every: 200, from: () => keys }
    const all: Things[] = []
    for (let instance = 0; instance < 3; instance += 1) {
      const member = await joined(fleet, source, { ttl: LIFE_MS, jitter: 0, warm: { hot } })
      all.push(member.things)
    }
    await until('all are loaded', () => source.loads.size === keys.length)
    const before = new Map(source.loads)
    const beganAt = performance.now()
    await pause(4_000)
    const after = new Map(source.loads)
    // Each is loaded anew with 300 ms of its life left at the earliest, and twice that where looks take long.
    const lives = (performance.now() - beganAt) / (LIFE_MS - 600)
    for (const key of keys) {
      const loads = (after.get(key) ?? 0) - (before.get(key) ?? 0)
      expect(loads).toBeGreaterThanOrEqual(1)
      expect(loads).toBeLessThanOrEqual(Math.ceil(lives))
    }
    expect((await all[0]?.read(7))?.tier).not.toBe('source')
  })

  test('each tick is carried out by one of three instances', async () => {
    await using fleet = await Fleet.start(driver)
    const source = new CountedSource()
    let ticks = 0
    const everySecond = {
      next: (after: number) => (Math.floor(after / 1_000) + 1) * 1_000,
    }
    const from = (): readonly number[] => {
      ticks += 1
      return [1, 2]
    }
    const warm = { schedule: { at: everySecond, from } }
    for (let instance = 0; instance < 3; instance += 1) await joined(fleet, source, { warm })
    const beganAt = Date.now()
    await until('some ticks were carried out', () => (source.loads.get(1) ?? 0) >= 3)
    const elapsed = Math.ceil((Date.now() - beganAt) / 1_000)
    expect(ticks).toBeGreaterThanOrEqual(3)
    // Three times as many would be, if each instance carried out its own.
    expect(ticks).toBeLessThanOrEqual(elapsed + 2)
  })

  test('a start from nothing goes in batches, says how far it is, and is found by others', async () => {
    await using fleet = await Fleet.start(driver)
    const source = new CountedSource()
    const COUNT = 5_000
    const keys = Array.from({ length: COUNT }, (_, key) => key)
    const first = await joined(fleet, source, {})
    const one = performance.now()
    for (let key = 0; key < 100; key += 1) await first.things.get(-1 - key)
    const eachMs = (performance.now() - one) / 100
    source.calls = 0

    const report = await first.things.warm(keys)
    expect(report).toMatchObject({ outcome: 'done', loaded: COUNT, failed: 0 })
    // At least 5 times faster on a quiet machine; the figures stand in the documentation.
    expect(report.durationMs).toBeLessThan((eachMs * COUNT) / 2)
    expect(source.calls).toBeLessThanOrEqual(COUNT / 15)
    expect(first.told.at(0)).toMatchObject({ state: 'begun', expected: COUNT })

    const second = await joined(fleet, source, {})
    expect(await second.things.warm(keys)).toMatchObject({ loaded: 0, fresh: COUNT })
  })
})
