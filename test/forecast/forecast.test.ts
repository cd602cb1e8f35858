/**
 * The forecaster plays traffic that knows nothing of it: what warming by it gains, next to none and
 * to one who knows what will be read, and what it costs where there is nothing to forecast.
 */

import { describe, expect, test } from 'vitest'
import { dayGains, loadsOf } from './day-gains.ts'
import { forecastWarmer } from './forecast-warmer.ts'
import { memorylessTraffic } from './memoryless-traffic.ts'
import { clairvoyant, noWarmer, type PlayedHour, playTraffic } from './play-traffic.ts'
import { rhythmicTraffic } from './rhythmic-traffic.ts'
import type { TrafficHour } from './traffic.ts'

const SHIFT_ON_DAY = 9
const popular = { keys: 20_000, skew: 0.9, readsAnHour: 8000, popular: 'for ever' } as const
const changing = { ...popular, popular: 'for an hour' } as const
const alike = { ...popular, skew: 0, readsAnHour: 16_000 } as const

/** The same traffic without warming, and with the forecaster's. */
function play(traffic: readonly TrafficHour[]) {
  const warmer = forecastWarmer()
  const warmed = playTraffic(traffic, warmer)
  const none = playTraffic(traffic, noWarmer)
  const switched = warmer.events.filter((event) => event.type === 'switched')
  return { warmer, warmed, none, switched }
}

describe('on a fortnight with the rhythm of a day and a week', () => {
  test('warming gains half of what a clairvoyant gains, and is back two days after a change of habits', {
    timeout: 240_000,
  }, () => {
    const traffic = [...rhythmicTraffic({ seed: 1, days: 14, shiftOnDay: SHIFT_ON_DAY })]
    const { warmer, warmed, none, switched } = play(traffic)
    const gains = dayGains({ none, warmed, clairvoyant: playTraffic(traffic, clairvoyant) })
    for (const { day, gain, share } of gains) {
      if (day < 3 || day === SHIFT_ON_DAY || day === SHIFT_ON_DAY + 1) continue
      expect.soft(gain, `points over none on day ${day}`).toBeGreaterThanOrEqual(15)
      expect.soft(share, `of the clairvoyant's gain on day ${day}`).toBeGreaterThanOrEqual(0.5)
    }
    expect(switched.at(-1)?.on).toBe(true)
    const { scores } = warmer.forecaster.status
    expect(scores?.forecast.precision).toBeGreaterThan(scores?.lastHour.precision ?? 1)
  })
})

describe('on memoryless traffic', () => {
  test.each([
    { name: 'popular keys that stay', options: popular },
    { name: 'popular keys that change each hour', options: changing },
    { name: 'keys that are all alike', options: alike },
  ])(
    'with $name, it is switched off and costs next to nothing',
    {
      timeout: 120_000,
    },
    ({ options }) => {
      const { warmer, warmed, none } = play([
        ...memorylessTraffic({ ...options, seed: 1, days: 5 }),
      ])
      expect(loadsOf(warmed)).toBeLessThanOrEqual(1.01 * loadsOf(none))
      expect(warmer.forecaster.status.on).toBe(false)
      expect(warmer.forecaster.status.hours).toBeGreaterThan(100)
    },
  )

  test('that follows on a rhythm, it switches itself off, says so, and costs next to nothing from the second day on', {
    timeout: 120_000,
  }, () => {
    const rhythm = [...rhythmicTraffic({ seed: 1, days: 4 })]
    const after = [...memorylessTraffic({ ...changing, seed: 1, days: 4 })]
    const traffic = [
      ...rhythm,
      ...after.map(({ hour, parts }) => ({ hour: hour + rhythm.length, parts })),
    ]
    const { warmer, warmed, none, switched } = play(traffic)
    expect(switched.map(({ on }) => on)).toEqual([true, false])
    expect(Math.max(...warmer.warmedHours)).toBeLessThan(rhythm.length + 72)
    const since = (played: readonly PlayedHour[]) => loadsOf(played.slice(rhythm.length + 24))
    expect(since(warmed)).toBeLessThanOrEqual(1.01 * since(none))
  })
})
