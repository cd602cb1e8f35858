/** Warming by forecast through whole caches on one shared tier, in fake time: what users get of it. */

import { describe, expect, test } from 'vitest'
import type { CollectionOptions } from '../../src/contracts/collection.ts'
import type { ForecastEvent, LoadEvent, WarmingEvent } from '../../src/contracts/events.ts'
import type { PredictWarming } from '../../src/contracts/warming.ts'
import { createCache } from '../../src/create-cache.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24
/** The end of an hour is seen a few seconds later. */
const HOUR_ENDS = 15_000

/** The ids of an hour, the most read first. */
type Habit = (hour: number) => readonly number[]

const twenty = (kind: number): readonly number[] =>
  Array.from({ length: 20 }, (_, at) => 20 * kind + at)

/** Some ids are of the morning, some of the evening; the rest of the day has three kinds in turn. */
const rhythm: Habit = (hour) => {
  const hourOfDay = hour % DAY
  return twenty(hourOfDay === 8 ? 0 : hourOfDay === 20 ? 1 : 2 + (hourOfDay % 3))
}

/** Other ids in each hour, by chance. */
const memoryless: Habit = (hour) => {
  const random = new SeededRandom(hour)
  return Array.from({ length: 20 }, () => random.below(2_000))
}

/** Apart from the first and the last minutes of an hour, nothing is asked. */
const BEAT_MS = { busy: 2_000, quick: 30_000 }

/**
 * Most of a day nothing happens but beats: three a second, with which an instance looks for changes, and
 * nothing here changes from outside. They are rare here, and need no long rest between two of them.
 */
class QuickClock extends FakeClock {
  quick = false

  override schedule(delayMs: number, task: () => void, purpose?: 'upkeep'): () => void {
    const least = purpose === 'upkeep' ? BEAT_MS[this.quick ? 'quick' : 'busy'] : 0
    return super.schedule(Math.max(delayMs, least), task)
  }

  override async settle(): Promise<void> {
    if (!this.quick) return await super.settle()
    await new Promise<void>((done) => setImmediate(done))
  }
}

function setup() {
  const clock = new QuickClock()
  const shared = memoryTier({ shards: 1 })
  const loaded: number[] = []
  const warned: string[] = []
  const logger = {
    warn: (_: object, message: string) => void warned.push(message),
    error: () => {},
  }
  const source = {
    loadMany: (ids: readonly number[]) => {
      loaded.push(...ids)
      return new Map(ids.map((id) => [id, `row ${id}`]))
    },
  }
  const open = (
    predict: PredictWarming | 'on' = { keys: 30 },
    own: Partial<CollectionOptions<number, string>> = {},
  ) => {
    const options = { name: 'shop', shared, logger, defaults: { ttl: '10m', jitter: 0 } } as const
    // Nothing here is about changes, memory or figures, whose timers take most of the time.
    const rare = {
      coherence: { maxBlindness: '30m' },
      memory: { expiryScan: '5m' },
      metrics: 'off',
    } as const
    const cache = createCache({ ...options, ...rare }, { clock })
    const warmed: LoadEvent[] = []
    const runs: WarmingEvent[] = []
    const told: ForecastEvent[] = []
    cache.on('load', (event) => void (event.reason === 'warming' && warmed.push(event)))
    cache.on('warming', (event) => runs.push(event))
    cache.on('forecast', (event) => told.push(event))
    const things = cache.collection('thing', { source, warm: { predict }, ...own })
    return { cache, things, warmed, runs, told }
  }
  type Things = ReturnType<typeof open>['things']
  const hourNow = (): number => Math.floor(clock.now() / HOUR)
  /** Up to the time after so many minutes of the hour that is running. */
  const until = async (minutes: number): Promise<void> => {
    const left = hourNow() * HOUR + minutes * MINUTE - clock.now()
    if (left > 0) await clock.advance(left)
  }
  /** Plays whole hours; counts the ids of each hour that nobody had to wait for at its beginning. */
  const play = async (hours: number, habit: Habit, ...all: readonly Things[]): Promise<number> => {
    let found = 0
    for (let played = 0; played < hours; played += 1) {
      const ids = habit(hourNow())
      await until(1)
      const before = new Set(loaded.splice(0))
      for (const things of all) await things.getMany(ids)
      found += ids.filter((id) => before.has(id) && !loaded.includes(id)).length
      for (const things of all) {
        for (const [rank, id] of ids.entries()) {
          for (let reads = rank; reads < ids.length; reads += 1) await things.get(id)
        }
      }
      clock.quick = true
      await until(54)
      clock.quick = false
      loaded.length = 0
      await until(60)
    }
    return found
  }
  return { clock, loaded, warned, open, play, until, hourNow }
}

describe('a fortnight of days with a rhythm', () => {
  test('has what each hour asks for in the cache before it begins, and says how good it was', {
    timeout: 120_000,
  }, async () => {
    const { clock, warned, open, play, hourNow } = setup()
    const { cache, things, warmed, told } = open()
    expect(await play(DAY, rhythm, things)).toBe(0)
    await play(2 * DAY, rhythm, things)
    warmed.length = 0
    const found = await play(11 * DAY, rhythm, things)
    await clock.advance(HOUR_ENDS)

    expect(found / (11 * DAY * 20)).toBeGreaterThan(0.97)
    // No more than the hours asked for, or nearly.
    expect(warmed.length).toBeLessThan(11 * DAY * 22)
    expect(told.filter(({ state }) => state === 'switched').map(({ on }) => on)).toEqual([true])
    expect(told.filter(({ state }) => state === 'scored').length).toBe(14 * DAY - 1)
    const forecast = things.forecast(25)
    expect(forecast).toMatchObject({ on: true, startsAt: (hourNow() + 1) * HOUR })
    expect(forecast?.expected.map(({ key }) => key).toSorted((a, b) => a - b)).toEqual(
      rhythm(hourNow() + 1),
    )
    expect(forecast?.past.length).toBe(24)
    for (const { startsAt, forecast: scored, lastHour } of forecast?.past ?? []) {
      expect(startsAt % HOUR).toBe(0)
      expect(scored.precision).toBeGreaterThan(0.9)
      expect(scored.recall).toBeGreaterThan(0.9)
      expect(lastHour.recall).toBeLessThan(0.2)
    }
    expect(warned).toEqual([])
    await cache.close()
    expect(clock.timers).toBe(0)
  })
})

describe('forecasting', () => {
  test('switches itself off where hours are not alike any more, and says so', {
    timeout: 120_000,
  }, async () => {
    const { warned, open, play } = setup()
    const { cache, things, warmed, told } = open()
    await play(DAY + 6, rhythm, things)
    // What was very good is forgotten within days, half of it in half a day.
    await play(3 * DAY + 12, memoryless, things)
    warmed.length = 0
    await play(DAY, memoryless, things)

    expect(warmed.length).toBe(0)
    expect(things.forecast()?.on).toBe(false)
    expect(told.filter(({ state }) => state === 'switched').map(({ on }) => on)).toEqual([
      true,
      false,
    ])
    expect(warned).toEqual(['the forecast is no better than what was read last: switched off'])
    await cache.close()
  })

  test('loads nothing where it never was any good', { timeout: 60_000 }, async () => {
    const { clock, open, play } = setup()
    const { cache, things, warmed, runs } = open()
    await play(2 * DAY, memoryless, things)
    await clock.advance(HOUR_ENDS)
    expect(things.forecast()).toMatchObject({ on: false, hours: 2 * DAY - 1 })
    expect([...warmed, ...runs]).toEqual([])
    await cache.close()
  })

  test('goes on after a restart with what was learned before', { timeout: 60_000 }, async () => {
    const { clock, open, play, until } = setup()
    const before = open()
    await play(2 * DAY + 8, rhythm, before.things)
    await clock.advance(HOUR_ENDS)
    const { hours } = before.things.forecast() ?? {}
    await until(10)
    await before.cache.close()
    await clock.advance(5_000)

    const after = open()
    expect(after.things.forecast()).toBeUndefined()
    await clock.advance(1_000)
    expect(after.things.forecast()).toMatchObject({ on: true, hours })
    await until(60)
    expect(after.runs.at(-1)).toMatchObject({ reason: 'forecast', state: 'done' })
    expect(await play(1, rhythm, after.things)).toBeGreaterThan(18)
    await after.cache.close()
  })

  test('loads no more for an hour than it may, the keys that are read most', {
    timeout: 60_000,
  }, async () => {
    const { open, play, loaded } = setup()
    const { cache, things, runs } = open({ keys: 5 })
    await play(2 * DAY + 8, rhythm, things)
    expect(await play(3, rhythm, things)).toBe(3 * 5)
    expect(runs.filter(({ state }) => state === 'done').at(-1)).toMatchObject({ loaded: 5 })
    expect(loaded.toSorted((a, b) => a - b)).toEqual(rhythm(11).slice(0, 5))
    await cache.close()
  })

  test('of two instances loads each key once, and one of them keeps what it has learned', {
    timeout: 60_000,
  }, async () => {
    const { open, play, clock } = setup()
    const both = [open(), open()]
    const things = both.map((one) => one.things)
    await play(2 * DAY + 8, rhythm, ...things)
    for (const { warmed } of both) warmed.length = 0
    const found = await play(12, rhythm, ...things)
    expect(found).toBeGreaterThan(12 * 19)
    const loads = both.reduce((sum, { warmed }) => sum + warmed.length, 0)
    expect(loads).toBeLessThan(12 * 22)
    for (const { cache } of both) await cache.close()
    expect(clock.timers).toBe(0)
  })

  test('ends with its cache, also in the middle of a load', { timeout: 60_000 }, async () => {
    const { clock, open, play } = setup()
    let hangs = false
    const { cache, things, runs } = open(undefined, {
      source: {
        loadMany: async (ids: readonly number[]) => {
          if (hangs) await new Promise(() => {})
          return new Map(ids.map((id) => [id, `row ${id}`]))
        },
      },
    })
    await play(DAY + 6, rhythm, things)
    clock.schedule(54 * MINUTE, () => {
      hangs = true
    })
    let closed: Promise<unknown> | undefined
    cache.on('warming', ({ reason, state }) => {
      if (hangs && reason === 'forecast' && state === 'progress') closed ??= cache.close()
    })
    await play(1, rhythm, things)
    expect(closed).toBeDefined()
    await closed
    expect(runs.at(-1)).toMatchObject({ state: 'cancelled' })
    expect(clock.timers).toBe(0)
    expect(() => things.forecast()).toThrow('closed')
  })
})
