import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import type { CollectionOptions } from '../contracts/collection.ts'
import { ArgumentError, ClosedError, ConfigError } from '../contracts/errors.ts'
import type { LoadEvent, ReadsEvent, WarmingEvent } from '../contracts/events.ts'
import type { Duration } from '../contracts/options.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A source of numbers that counts what it is asked for, with instances of a cache before it. */
function setup() {
  const clock = new FakeClock()
  const shared = memoryTier({ shards: 2 })
  const rows = new Map<number, string>()
  for (let key = 0; key < 2_000; key += 1) rows.set(key, `row ${key}`)
  const calls: (readonly number[])[] = []
  const source = {
    loadMany: (keys: readonly number[]) => {
      calls.push(keys)
      return new Map(keys.flatMap((key) => (rows.has(key) ? [[key, rows.get(key) ?? '']] : [])))
    },
  }
  const open = (
    warm: CollectionOptions<number, string>['warm'],
    more: Partial<CacheOptions> = {},
    own: Partial<CollectionOptions<number, string>> = {},
  ) => {
    const cache = createCache(
      { name: 'shop', shared, logger: SILENT, defaults: { jitter: 0 }, ...more },
      { clock },
    )
    const told: WarmingEvent[] = []
    cache.on('warming', (event) => told.push(event))
    const things = cache.collection('thing', { source, ...(warm && { warm }), ...own })
    return { cache, things, told }
  }
  const loads = (): number => calls.reduce((sum, keys) => sum + keys.length, 0)
  return { clock, shared, rows, calls, loads, open }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, key) => key)

describe('warming at the start', () => {
  test('loads the keys of a query in batches, tells how far it is, and readers find them', async () => {
    const { clock, calls, loads, open } = setup()
    const { cache, things, told } = open({ start: { from: () => upTo(1_000), ready: 'when-warm' } })
    const ready = cache.ready()
    await clock.advance(2_000)
    await ready

    expect(loads()).toBe(1_000)
    expect(calls.length).toBe(50)
    expect(told.at(0)).toMatchObject({ state: 'begun', reason: 'start', expected: 1_000 })
    expect(told.at(-1)).toMatchObject({ state: 'done', loaded: 1_000, failed: 0 })
    expect(await things.get(999)).toBe('row 999')
    expect(loads()).toBe(1_000)
    await cache.close()
  })

  test('leaves alone what another instance has warmed', async () => {
    const { clock, loads, open } = setup()
    const warm = { start: { from: () => upTo(100) } }
    const first = open(warm)
    await clock.advance(1_000)
    const second = open(warm)
    await clock.advance(1_000)

    expect(loads()).toBe(100)
    expect(second.told.at(-1)).toMatchObject({ state: 'done', loaded: 0, fresh: 100 })
    await first.cache.close()
    await second.cache.close()
  })

  test('gives what it loads a life of its own, and counts as no read', async () => {
    const { clock, open } = setup()
    const { cache, things } = open({ start: { from: () => upTo(3), ttl: '1h' } })
    const reads: ReadsEvent[] = []
    const loaded: LoadEvent[] = []
    cache.on('reads', (event) => reads.push(event))
    cache.on('load', (event) => loaded.push(event))
    await clock.advance(2_000)

    expect(await things.ttl(1)).toBe(HOUR - 2_000)
    expect(loaded.map(({ reason }) => reason)).toEqual(['warming', 'warming', 'warming'])
    expect(reads).toEqual([])
    await cache.close()
  })

  test('is waited for by readiness only where that is asked for, and not for ever where it fails', async () => {
    const { clock, open } = setup()
    const never = { from: () => new Promise<number[]>(() => {}) }
    const lazy = open({ start: never })
    await lazy.cache.ready()
    await lazy.cache.close()

    const failing = open({
      start: {
        from: () => {
          throw new Error('no such table')
        },
        ready: 'when-warm',
      },
    })
    await failing.cache.ready()
    expect(failing.told.at(-1)).toMatchObject({ state: 'failed', reason: 'start' })
    await failing.cache.close()
    await clock.settle()
  })

  test('ends when the cache is closed, whatever its query does, and readiness with it', async () => {
    const { clock, open } = setup()
    let returned = false
    const endless = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => {
          returned = true
          return { done: true as const, value: undefined }
        },
      }),
    }
    const { cache, told } = open({ start: { from: () => endless, ready: 'when-warm' } })
    const ready = cache.ready().catch((error: unknown) => error)
    await clock.advance(1_000)
    await cache.close()

    expect(await ready).toBeInstanceOf(ClosedError)
    expect(told.at(-1)).toMatchObject({ state: 'cancelled' })
    expect(returned).toBe(true)
  })

  test('goes by the hottest keys that instances before have read, as the shared tier keeps them', async () => {
    const { clock, calls, open } = setup()
    const warm = { start: { from: 'hottest' as const } }
    const first = open(warm)
    await clock.advance(1_000)
    for (let round = 0; round < 30; round += 1) await first.things.getMany([7, 8])
    await first.things.get(9)
    await first.cache.close()
    await clock.advance(6 * MINUTE)
    calls.length = 0

    const second = open(warm)
    await clock.advance(1_000)
    expect(calls).toEqual([[7, 8, 9]])
    // Nothing was read here: the list is not worn down.
    await second.cache.close()
    const third = open(warm)
    await clock.advance(1_000)
    expect(third.told.at(-1)).toMatchObject({ fresh: 3 })
    await third.cache.close()
  })
})

describe('`warm`', () => {
  test('takes keys from any iteration, and values that a query has brought', async () => {
    const { clock, loads, open } = setup()
    const { cache, things } = open(undefined)
    await cache.ready()
    async function* rows() {
      yield 1
      yield [2, 'from the query'] as const
      yield 5_000
    }
    const report = await things.warm(rows())

    expect(report).toMatchObject({ outcome: 'done', loaded: 2, absent: 1, failed: 0 })
    expect(await things.get(2)).toBe('from the query')
    expect(loads()).toBe(2)
    await cache.close()
    await clock.settle()
  })

  test('keeps no value of a query that is older than a change', async () => {
    const { clock, open, rows } = setup()
    const other = open(undefined)
    const { cache, things } = open(undefined)
    await cache.ready()
    await other.cache.ready()
    async function* slow() {
      const old = rows.get(3) ?? ''
      rows.set(3, 'newer')
      // On another instance, whose word may not have come when the row is handed out.
      await other.things.delete(3)
      yield [3, old] as const
    }
    const report = await things.warm(slow())

    expect(report).toMatchObject({ loaded: 1, failed: 0 })
    expect(await things.get(3)).toBe('newer')
    expect(await other.things.get(3)).toBe('newer')
    await cache.close()
    await other.cache.close()
    await clock.settle()
  })

  test('keeps no value whose tag was removed since', async () => {
    const { open } = setup()
    const tagged = { tagsOf: () => ['all'] }
    const other = open(undefined, {}, tagged)
    const { cache, things } = open(undefined, {}, tagged)
    await cache.ready()
    await other.cache.ready()
    async function* slow() {
      await other.cache.invalidateTags(['all'])
      yield [3, 'older'] as const
    }
    await things.warm(slow())
    expect(await things.get(3)).toBe('row 3')
    await cache.close()
    await other.cache.close()
  })

  test('without a shared tier keeps no value of a query that is older than a change', async () => {
    const clock = new FakeClock()
    const cache = createCache({ name: 'shop', logger: SILENT }, { clock })
    async function* slow() {
      await cache.set('a', 'newer')
      await cache.delete('b')
      yield ['a', 'older'] as const
      yield ['b', 'older'] as const
      yield ['c', 'first'] as const
    }
    await cache.warm(slow(), { load: 'all' })
    expect(await cache.get('a')).not.toBe('older')
    expect(await cache.get('b')).toBeUndefined()
    expect(await cache.get('c')).toBe('first')
    await cache.close()
  })

  test('loads all anew where that is asked for', async () => {
    const { open, rows } = setup()
    const { cache, things } = open(undefined)
    await things.get(4)
    rows.set(4, 'changed')
    expect(await things.warm([4])).toMatchObject({ fresh: 1 })
    expect(await things.warm([4], { load: 'all' })).toMatchObject({ loaded: 1 })
    expect(await things.get(4)).toBe('changed')
    await cache.close()
  })

  test('counts what fails, and goes on', async () => {
    const { open } = setup()
    const { cache } = open(undefined)
    const failing = cache.collection('failing', {
      source: {
        load: (key: number) => {
          if (key === 1) throw new Error('no')
          return key
        },
      },
    })
    await cache.ready()
    expect(await failing.warm([0, 2])).toMatchObject({ loaded: 2 })
    const report = failing.warm([1])
    expect(await report).toMatchObject({ outcome: 'done', failed: 1 })
    await cache.close()
  })

  test('refuses what cannot be warmed, and is ended by its signal', async () => {
    const { open } = setup()
    const { cache, things } = open(undefined)
    await expect(things.warm(7 as never)).rejects.toThrow(ArgumentError)
    await expect(things.warm([1], { ttl: 'soon' as never })).rejects.toThrow(ArgumentError)
    expect(await cache.warm(['a'] as never)).toMatchObject({ failed: 1 })
    const controller = new AbortController()
    async function* endless() {
      for (let key = 0; ; key += 1) {
        if (key === 500) controller.abort()
        yield key % 2_000
      }
    }
    const report = await things.warm(endless(), { signal: controller.signal })
    expect(report.outcome).toBe('cancelled')
    await cache.close()
  })

  test('does nothing where warming is turned off', async () => {
    const { clock, loads, open } = setup()
    const { cache, things } = open(
      { start: { from: () => upTo(9) }, hot: 'on' },
      { warming: 'off' },
    )
    expect(await things.warm([1])).toMatchObject({ outcome: 'cancelled', loaded: 0 })
    await clock.advance(5 * MINUTE)
    expect(loads()).toBe(0)
    await cache.close()
  })
})

describe('hot keys', () => {
  test('are renewed before they expire although nobody asks, by one of all instances', async () => {
    const { clock, loads, open } = setup()
    const own = { ttl: '5m', memoryTtl: '5m' } as const
    const all = [open({ hot: 'on' }, {}, own), open({ hot: 'on' }, {}, own)]
    await clock.advance(1_000)
    for (const { things } of all) {
      for (let round = 0; round < 50; round += 1) await things.getMany([1, 2, 3])
      await things.get(4)
    }
    const before = loads()
    expect(before).toBe(4)
    await clock.advance(20 * MINUTE)
    // 3 keys, each about every 4 minutes, and not once for each instance.
    expect(loads() - before).toBeGreaterThanOrEqual(12)
    expect(loads() - before).toBeLessThanOrEqual(18)
    for (const { things } of all) expect((await things.read(2)).tier).not.toBe('source')
    expect((await all[0]?.things.read(4))?.tier).toBe('source')
    for (const { cache } of all) await cache.close()
  })

  test('are those of a query where one is given, no more than it may name', async () => {
    const { clock, calls, open } = setup()
    const { cache } = open({ hot: { from: () => upTo(50), keys: 20, every: '1m' } })
    await clock.advance(MINUTE)
    expect(calls.flat().toSorted((a, b) => a - b)).toEqual(upTo(20))
    await cache.close()
  })
})

describe('hot keys of a short life', () => {
  const LIFE = 5_000

  /** Instances over a source that takes 50 ms for each key, and counts its loads. */
  function slow(keys: number, { instances = 2, every = '100ms' as Duration } = {}) {
    const clock = new FakeClock()
    const shared = memoryTier({ shards: 2 })
    const loads = new Map<number, number>()
    const load = (key: number): Promise<string> => {
      loads.set(key, (loads.get(key) ?? 0) + 1)
      return new Promise((resolve) => clock.schedule(50, () => resolve(`row ${key}`)))
    }
    const all = Array.from({ length: instances }, () => {
      const cache = createCache({ name: 'shop', shared, logger: SILENT }, { clock })
      const options = { ttl: LIFE, source: { load }, warm: { hot: { every } } } as const
      return { cache, things: cache.collection('thing', options) }
    })
    /** Time passes while it is waited for. */
    const during = async <T>(work: Promise<T>): Promise<T> => {
      let waits = true
      const ended = (): void => {
        waits = false
      }
      work.then(ended, ended)
      while (waits) await clock.advance(10)
      return await work
    }
    /** Not all at once, or they would end at once. */
    const readAll = async (round: number): Promise<void> => {
      const { things } = all[round % instances] as (typeof all)[number]
      for (let from = 0; from < keys; from += 10) {
        await during(Promise.all(upTo(10).map((place) => things.get(from + place))))
        await clock.advance(200)
      }
    }
    const close = async (): Promise<void> => {
      // What is being loaded is waited for.
      for (const { cache } of all) await during(cache.close())
    }
    return { clock, loads, all, during, readAll, close }
  }

  test('are there at any time, many of them over a slow source, at hardly more than a load a life', async () => {
    const KEYS = 200
    const { clock, loads, all, during, readAll, close } = slow(KEYS)
    await clock.advance(100)
    for (let round = 0; round < 6; round += 1) await readAll(round)
    loads.clear()
    const since = clock.monotonic()
    let gone = 0
    while (clock.monotonic() < since + 2 * LIFE) {
      await clock.advance(50)
      const [{ things }] = all as [(typeof all)[number]]
      gone += KEYS - (await during(things.getMany(upTo(KEYS), { read: 'shared' }))).size
    }
    expect(gone).toBe(0)
    const lives = (clock.monotonic() - since) / LIFE
    const sum = [...loads.values()].reduce((total, count) => total + count, 0)
    // Jitter makes lives shorter by a twentieth on average.
    expect(sum / KEYS).toBeLessThanOrEqual(1.15 * lives)
    expect(sum / KEYS).toBeGreaterThanOrEqual(lives)
    await close()
  })

  test('are served from the memory of each instance that reads them, whoever loads them, and count as no read', async () => {
    const { clock, all, during, readAll, close } = slow(20)
    await clock.advance(100)
    for (let round = 0; round < 6; round += 1) await readAll(round)
    const reads: ReadsEvent[] = []
    for (const { cache } of all) cache.on('reads', (event) => reads.push(event))
    await clock.advance(2_000)
    reads.length = 0
    for (let passed = 0; passed < 2 * LIFE; passed += 500) await clock.advance(500)
    expect(reads).toEqual([])
    for (const { things } of all) {
      const answers = await during(Promise.all(upTo(20).map((key) => things.read(key))))
      const tiers = answers.map(({ tier }) => tier)
      expect(tiers).not.toContain('source')
      // One whose copy has just ended may be on its way.
      expect(tiers.filter((tier) => tier === 'memory').length).toBeGreaterThanOrEqual(15)
    }
    await close()
  })

  test('are known from three reads where an instance has just been started, and from fewer never', async () => {
    const { clock, loads, all, during, close } = slow(0, { instances: 1, every: '1s' })
    const [{ things }] = all as [(typeof all)[number]]
    for (const key of [1, 1, 1, 2, 2]) {
      await during(things.get(key))
      await clock.advance(100)
    }
    await clock.advance(3 * LIFE)
    expect(loads.get(1)).toBeGreaterThanOrEqual(3)
    expect(loads.get(2)).toBe(1)
    // After a quarter of an hour three reads are few.
    await clock.advance(HOUR / 4)
    const before = loads.get(1)
    await clock.advance(3 * LIFE)
    expect(loads.get(1)).toBe(before)
    await close()
  })
})

describe('heat', () => {
  test('gives what is read often a longer life, from its next load on', async () => {
    const { clock, open } = setup()
    const { cache, things } = open({ heat: 'on' }, {}, { ttl: '5m' })
    for (let round = 0; round < 150; round += 1) await things.get(1)
    await things.get(2)
    expect(await things.ttl(1)).toBeLessThanOrEqual(5 * MINUTE)
    await clock.advance(6 * MINUTE)
    await things.getMany([1, 2])
    expect(await things.ttl(1)).toBe(2 * HOUR)
    expect(await things.ttl(2)).toBe(5 * MINUTE)
    await cache.close()
  })
})

describe('a forecast', () => {
  test('can be looked at where it is asked for, and warming is not off', async () => {
    const { clock, open } = setup()
    const { cache, things } = open({ predict: 'on' })
    expect(things.forecast()).toBeUndefined()
    await clock.advance(1_000)
    expect(things.forecast()).toMatchObject({ on: false, hours: 0, expected: [], past: [] })
    expect(() => things.forecast(-1)).toThrow(ArgumentError)
    await cache.close()
    expect(() => things.forecast()).toThrow(ClosedError)

    const without = [open(undefined), open({ predict: 'on' }, { warming: 'off' })]
    for (const one of without) {
      await clock.advance(1_000)
      expect(one.things.forecast()).toBeUndefined()
      await one.cache.close()
    }
    const alone = open({ predict: 'on' }, { shared: undefined })
    await clock.settle()
    expect(alone.things.forecast()).toMatchObject({ on: false })
    await alone.cache.close()
    expect(clock.timers).toBe(0)
  })
})

describe('a schedule', () => {
  const SPAN = 10 * MINUTE
  const often = { next: (after: number) => (Math.floor(after / SPAN) + 1) * SPAN }

  test('refreshes what is cached, on one instance a tick', async () => {
    const { clock, calls, open, rows } = setup()
    const warm = { schedule: { at: often, from: 'cached' as const } }
    const all = [open(warm, {}, { ttl: '1d' }), open(warm, {}, { ttl: '1d' })]
    await clock.advance(1_000)
    await all[0]?.things.getMany([1, 2])
    rows.set(2, 'changed')
    calls.length = 0
    await clock.advance(3 * SPAN)

    expect(calls.map((keys) => keys.toSorted())).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
    expect(await all[1]?.things.get(2)).toBe('changed')
    const done = all.map(({ told }) => told.filter(({ state }) => state === 'done').length)
    expect((done[0] ?? 0) + (done[1] ?? 0)).toBe(3)
    for (const { cache } of all) await cache.close()
  })

  test('is told of as missed where the machine slept, and is not made up for', async () => {
    const { clock, loads, open } = setup()
    const { cache, told } = open({ schedule: { at: often, from: () => upTo(3) } })
    await clock.advance(MINUTE)
    // Asleep for three ticks and a half.
    clock.setNow(clock.now() + 3.5 * SPAN)
    await clock.advance(SPAN)
    expect(told.filter(({ state }) => state === 'missed')).toMatchObject([{ ticks: 4 }])
    expect(loads()).toBe(0)
    await clock.advance(SPAN)
    expect(loads()).toBe(3)
    await cache.close()
  })
})

describe('warming again', () => {
  const never = { next: () => undefined }

  test('carries out the start and the schedules as they were planned', async () => {
    const { clock, calls, open } = setup()
    const schedule = { at: never, from: () => [7, 8] }
    const { cache, things, told } = open({ start: { from: () => upTo(3) }, schedule })
    await clock.advance(1_000)
    await things.delete(1)
    calls.length = 0
    const [report, same] = await Promise.all([things.warmNow(), things.warmNow()])
    expect(report).toMatchObject({ outcome: 'done', loaded: 3, fresh: 2, absent: 0, failed: 0 })
    expect(same).toBe(report)
    expect(calls).toEqual([[1], [7, 8]])
    expect(told.at(-1)).toMatchObject({ reason: 'call', state: 'done' })
    expect(await things.warmNow()).toMatchObject({ loaded: 2, fresh: 3 })
    await cache.close()
  })

  test('is told by its caller what its query throws, and can be asked for once more', async () => {
    const { clock, open } = setup()
    let fails = false
    const from = () => {
      if (fails) throw new Error('no query')
      return [1]
    }
    const { cache, things } = open({ start: { from } })
    await clock.advance(1_000)
    fails = true
    await expect(things.warmNow()).rejects.toThrow('no query')
    fails = false
    expect(await things.warmNow()).toMatchObject({ outcome: 'done', fresh: 1 })
    await cache.close()
    await expect(things.warmNow()).rejects.toThrow(ClosedError)
  })

  test('is refused where nothing is planned, or all warming is off', async () => {
    const { open } = setup()
    const { cache, things } = open({ heat: 'on' })
    await expect(things.warmNow()).rejects.toThrow(ConfigError)
    await cache.close()
    const off = open({ start: { from: () => [1] } }, { warming: 'off' })
    await expect(off.things.warmNow()).rejects.toThrow(ConfigError)
    await off.cache.close()
  })
})

test('options that cannot work are refused by name', () => {
  const { open } = setup()
  const refused = (warm: unknown, more = {}): void => {
    expect(() => open(warm as never, { shared: undefined, ...more })).toThrow(ConfigError)
  }
  refused({ start: { from: 'cached' } })
  refused({ start: { from: 'hottest' } })
  refused({ start: { from: () => [], ready: 'never' } })
  refused({ start: { from: () => [], tll: '1h' } })
  refused({ schedule: { at: '0 * * * *', from: 'cached' } })
  refused({
    schedule: Array.from({ length: 17 }, () => ({ at: { next: () => 1 }, from: 'cached' })),
  })
  refused({ hot: { keys: 0 } })
  refused({ heat: { reads: -1 } })
  refused({ predict: { keys: 0 } })
  refused({ predict: { lead: '2h' } })
  refused({ predict: { reads: -1 } })
  refused({ predict: { budget: 9 } })
  refused({}, { warming: { concurrency: 0 } })
  refused({}, { warming: { yieldAt: 2 } })
})
