import { describe, expect, test } from 'vitest'
import type { CollectionOptions } from '../contracts/collection.ts'
import { CircuitOpenError } from '../contracts/errors.ts'
import type { ConnectionEvent } from '../contracts/events.ts'
import type { SourceBreaker } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { Breaker } from './breaker.ts'
import { MAX_WAITING } from './bulkhead.ts'
import { sourceLoads } from './loads.ts'
import { resolveCacheOptions } from './resolve-cache-options.ts'
import { SourceGauge } from './source-gauge.ts'

/** A collection whose source fails while it is down; chance draws the middle. */
function setup(
  breaker: SourceBreaker | 'off' | undefined,
  options: Partial<CollectionOptions<number, string>> = {},
) {
  const clock = new FakeClock()
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const cache = createCache(
    { name: 'shop', defaults: { jitter: 0 }, logger: silent },
    { clock, random: { next: () => 0.5, id: () => 'id' } },
  )
  const states: Pick<ConnectionEvent, 'state' | 'reason' | 'pattern'>[] = []
  cache.on('connection', ({ state, reason, pattern }) => states.push({ state, reason, pattern }))
  const scene = { down: true, calls: 0 }
  const load = (key: number): string => {
    scene.calls += 1
    if (scene.down) throw new Error('the database is down')
    return `row ${key}`
  }
  const source = breaker === undefined ? { load } : { load, breaker }
  const things = cache.collection('thing', { source, ...options })
  const fail = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      await expect(things.get(time)).rejects.toThrow('the database is down')
    }
  }
  return { clock, cache, states, scene, things, fail }
}

describe('the breaker round a source', () => {
  test('refuses loads after so many failures in a row, without asking', async () => {
    const { things, fail, scene, states } = setup({ failures: 3, rest: '2s' })
    await fail(3)
    const refused = things.get(99)
    await expect(refused).rejects.toThrow(CircuitOpenError)
    await expect(refused).rejects.toMatchObject({ code: 'circuit-open' })
    expect(scene.calls).toBe(3)
    expect(states).toEqual([
      { state: 'open', reason: '3 loads in a row failed', pattern: 'thing:*' },
    ])
  })

  test('lets one load through after its rest, and closes if it succeeds', async () => {
    const { things, fail, scene, states, clock } = setup({ failures: 3, rest: '2s' })
    await fail(3)
    await clock.advance(1_999)
    await expect(things.get(1)).rejects.toThrow(CircuitOpenError)
    await clock.advance(1)
    scene.down = false
    const both = await Promise.allSettled([things.get(1), things.get(2)])
    expect(both).toMatchObject([
      { status: 'fulfilled', value: 'row 1' },
      { status: 'rejected', reason: { code: 'circuit-open' } },
    ])
    expect(await things.get(2)).toBe('row 2')
    expect(states.map(({ state, reason }) => `${state}: ${reason}`)).toEqual([
      'open: 3 loads in a row failed',
      'half-open: one load is let through to see',
      'closed: it answers again',
    ])
  })

  test('opens after twenty failures where nothing else is said, and rests for a second', async () => {
    const { things, fail, scene, clock } = setup(undefined)
    await fail(20)
    await expect(things.get(99)).rejects.toThrow(CircuitOpenError)
    await clock.advance(1_000)
    scene.down = false
    expect(await things.get(99)).toBe('row 99')
  })

  test('rests ten seconds at most, unless its first rest is longer', async () => {
    const { things, fail, scene, clock } = setup({ failures: 1, rest: '8s' })
    await fail(1)
    for (const restMs of [8_000, 10_000, 10_000]) {
      await clock.advance(restMs - 1)
      await expect(things.get(7)).rejects.toThrow(CircuitOpenError)
      await clock.advance(1)
      await expect(things.get(7)).rejects.toThrow('the database is down')
    }
    expect(scene.calls).toBe(4)
    const patient = setup({ failures: 1, rest: '1m' })
    await patient.fail(1)
    await patient.clock.advance(59_999)
    await expect(patient.things.get(7)).rejects.toThrow(CircuitOpenError)
    await patient.clock.advance(1)
    await expect(patient.things.get(7)).rejects.toThrow('the database is down')
    await patient.clock.advance(59_999)
    await expect(patient.things.get(7)).rejects.toThrow(CircuitOpenError)
  })

  test('leaves what is in grace to be served meanwhile', async () => {
    const { things, fail, scene, clock } = setup(
      { failures: 3, rest: '2s' },
      { ttl: '1s', grace: '1h' },
    )
    scene.down = false
    expect(await things.get(50)).toBe('row 50')
    await clock.advance(1_000)
    scene.down = true
    await fail(3)
    scene.calls = 0
    expect(await things.read(50)).toMatchObject({ value: 'row 50', stale: true })
    expect(scene.calls).toBe(0)
  })

  test('does not count loads that nobody wanted any more', async () => {
    const { things, clock, scene, states } = setup(
      { failures: 1 },
      {
        source: {
          breaker: { failures: 1 },
          load: (_, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason), { once: true })
            }),
        },
      },
    )
    for (let time = 0; time < 3; time += 1) {
      const controller = new AbortController()
      const reading = things.get(1, { signal: controller.signal })
      await clock.settle()
      controller.abort(new Error('enough'))
      await expect(reading).rejects.toThrow('enough')
      await clock.settle()
    }
    expect(states).toEqual([])
    expect(scene.calls).toBe(0)
  })

  test('tries again after a probe that nobody wanted any more', async () => {
    const controller = new AbortController()
    const mode: { now: 'down' | 'slow' | 'up' } = { now: 'down' }
    const { things, clock, states } = setup(undefined, {
      source: {
        breaker: { failures: 1, rest: '1s' },
        load: (_, { signal }) => {
          if (mode.now === 'down') throw new Error('the database is down')
          if (mode.now === 'up') return 'row'
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason), { once: true })
          })
        },
      },
    })
    await expect(things.get(1)).rejects.toThrow('the database is down')
    await clock.advance(1_000)
    mode.now = 'slow'
    const probe = things.get(1, { signal: controller.signal })
    await clock.settle()
    controller.abort(new Error('enough'))
    await expect(probe).rejects.toThrow('enough')
    await clock.settle()
    mode.now = 'up'
    await expect(things.get(1)).rejects.toThrow(CircuitOpenError)
    await clock.advance(1_000)
    expect(await things.get(1)).toBe('row')
    expect(states.map(({ state }) => state)).toEqual([
      'open',
      'half-open',
      'open',
      'half-open',
      'closed',
    ])
  })

  test('counts one bulk load as one call, whatever the number of its keys', async () => {
    const scene = { down: true }
    const { things, clock } = setup(undefined, {
      source: {
        breaker: { failures: 3, rest: '1s' },
        loadMany: (keys) => {
          if (scene.down) throw new Error('a connection was reset')
          return new Map(keys.map((key) => [key, `row ${key}`]))
        },
      },
    })
    const keys = Array.from({ length: 30 }, (_, i) => i)
    for (let time = 0; time < 3; time += 1) {
      await expect(things.getMany(keys)).rejects.toThrow('a connection was reset')
    }
    await expect(things.getMany(keys)).rejects.toThrow(CircuitOpenError)
    scene.down = false
    await clock.advance(1_000)
    expect((await things.getMany(keys)).size).toBe(30)
  })

  test('does not count loads that a full queue has refused', async () => {
    const clock = new FakeClock()
    const told: string[] = []
    const breaker = new Breaker({
      clock,
      random: { next: () => 0.5, id: () => 'id' },
      failures: 1,
      restMs: 1_000,
      mostRestMs: 10_000,
      onChange: (state) => told.push(state),
    })
    const gate = Promise.withResolvers<number>()
    const source = { load: () => gate.promise }
    const gauge = new SourceGauge({ name: 'thing', clock, concurrency: 1 })
    const bounds = { name: 'thing', batchSize: 10, gauge, askedFor: 'readers' } as const
    const load = sourceLoads({ ...bounds, source, clock, breaker })
    const { entry: base } = resolveCacheOptions({ name: 'shop' })
    const { signal } = new AbortController()
    const request = () => load({ key: 1, signal, previous: undefined, base })
    const waiting = Array.from({ length: MAX_WAITING + 1 }, () => request())
    await expect(request()).rejects.toMatchObject({ code: 'queue-full' })
    expect(told).toEqual([])
    gate.resolve(1)
    await Promise.all(waiting)
  })

  test("that is 'off' asks the source whatever happens", async () => {
    const { things, fail, scene, states } = setup('off')
    await fail(40)
    scene.down = false
    expect(await things.get(99)).toBe('row 99')
    expect(states).toEqual([])
  })

  test('does not count bulk loads that nobody wanted any more', async () => {
    const { things, clock, states } = setup(undefined, {
      source: {
        breaker: { failures: 1 },
        loadMany: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason), { once: true })
          }),
      },
    })
    const controller = new AbortController()
    const reading = things.getMany([1, 2], { signal: controller.signal })
    await clock.settle()
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    await clock.settle()
    expect(states).toEqual([])
  })

  test('learns nothing from bulk loads whose callers left before the source was asked', async () => {
    const clock = new FakeClock()
    const told: string[] = []
    const breaker = new Breaker({
      clock,
      random: { next: () => 0.5, id: () => 'id' },
      failures: 1,
      restMs: 1_000,
      mostRestMs: 10_000,
      onChange: (state) => told.push(state),
    })
    const scene = { calls: 0, down: true }
    const source = {
      loadMany: () => {
        scene.calls += 1
        if (scene.down) throw new Error('the database is down')
        return new Map()
      },
    }
    const gauge = new SourceGauge({ name: 'thing', clock, concurrency: 1 })
    const bounds = { name: 'thing', batchSize: 10, gauge, askedFor: 'readers' } as const
    const load = sourceLoads({ ...bounds, source, clock, breaker })
    const request = (signal: AbortSignal) => {
      const base = resolveCacheOptions({ name: 'shop' }).entry
      return load({ key: 1, signal, previous: undefined, base })
    }
    await expect(request(new AbortController().signal)).rejects.toThrow('the database is down')
    await clock.advance(1_000)
    const left = request(AbortSignal.abort(new Error('enough')))
    await expect(left).rejects.toThrow('enough')
    expect(scene.calls).toBe(1)
    expect(told.at(-1)).not.toBe('closed')
  })
})
