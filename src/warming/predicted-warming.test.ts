/** What is told and kept of a forecast; what it is worth is in `test/forecast/`. */

import { describe, expect, test } from 'vitest'
import type { ForecastEvent } from '../contracts/events.ts'
import type { WarmTarget } from '../contracts/warm-target.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { Forecaster } from './forecaster.ts'
import { PredictedWarming } from './predicted-warming.ts'
import { textOf } from './state-text.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function ended<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/** A target that counts what is asked of it: no cache, and no reads but those that a test counts. */
function setup(options: { readonly kept?: string; readonly away?: number } = {}) {
  const clock = new FakeClock()
  const closing = new AbortController()
  const told: ForecastEvent[] = []
  const claims: string[] = []
  const keeps: string[] = []
  let { away = 0 } = options
  let count = (_key: string | number | bigint, _reads: number): void => {}
  let listening = 0
  const target = {
    collection: 'thing',
    pattern: 'thing:*',
    opened: async () => {},
    recallForecast: async () => {
      away -= 1
      if (away >= 0) throw new Error('the tier is away')
      return options.kept
    },
    keepForecast: async (state: string) => void keeps.push(state),
    claim: async (name: string) => {
      claims.push(name)
      return claims.length % 2 === 1
    },
    hotKeys: {
      listen: (listener: typeof count) => {
        listening += 1
        count = listener
      },
    },
  } as unknown as WarmTarget
  const predicted = new PredictedWarming({
    clock,
    random: { next: () => 0, id: () => 'an id' },
    target,
    report: (event) => void (event.type === 'forecast' && told.push(event)),
    plan: { keys: 10, leastReads: 0.5, leadMs: 5 * MINUTE, ttlMs: 10 * MINUTE, options: {} },
    signal: closing.signal,
    run: async () => {},
    own: () => {},
  })
  const read = (key: string, reads: number): void => count(key, reads)
  return { clock, closing, told, claims, keeps, predicted, read, listening: () => listening }
}

describe('what a forecast has learned', () => {
  test('is kept after each hour, by whoever gets the right to it', async () => {
    const { clock, closing, claims, keeps, read, told } = setup()
    await clock.settle()
    for (let hour = 0; hour < 4; hour += 1) {
      read('a', 10)
      await clock.advance(HOUR)
    }
    expect(new Set(claims).size).toBe(4)
    expect(keeps.length).toBe(2)
    expect(told.map(({ state, on }) => [state, on])).toEqual([
      ['scored', false],
      ['scored', false],
      ['scored', false],
    ])
    expect(told.at(-1)).toMatchObject({ forecast: { precision: 1, recall: 1 } })
    closing.abort()
    expect(clock.timers).toBe(0)
  })

  test('is asked for until the tier answers, and nothing is learned beside it', async () => {
    const { clock, closing, predicted, listening, claims } = setup({ away: 3 })
    await clock.settle()
    await clock.advance(2 * MINUTE)
    expect(listening()).toBe(0)
    expect(predicted.forecast(10)).toBeUndefined()
    await clock.advance(MINUTE)
    expect(listening()).toBe(1)
    expect(predicted.forecast(10)).toMatchObject({ on: false, hours: 0, expected: [], past: [] })
    // It has come in the middle of an hour: of that hour nothing can be learned, and nothing is kept.
    await clock.advance(HOUR)
    expect(claims).toEqual([])
    closing.abort()
    expect(clock.timers).toBe(0)
  })

  test('is gone on from, and begun anew where it cannot be read', async () => {
    const before = new Forecaster<string>({ budget: 10, keys: 1_000 })
    const began = Date.UTC(2029, 11, 31)
    for (let hour = 0; hour < 24; hour += 1) {
      before.tick(began + hour * HOUR)
      before.count('a', 10)
    }
    before.tick(began + 24 * HOUR)
    const kept = ended(textOf(ended(before.save())))
    const known = setup({ kept })
    await known.clock.settle()
    expect(known.predicted.forecast(10)?.expected).toMatchObject([{ key: 'a' }])
    const broken = setup({ kept: kept.slice(9) })
    await broken.clock.settle()
    expect(broken.predicted.forecast(10)?.expected).toEqual([])
    for (const { closing } of [known, broken]) closing.abort()
  })
})
