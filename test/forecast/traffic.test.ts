/** The generators keep what they promise; what a forecaster makes of them is another test's. */

import { describe, expect, test } from 'vitest'
import { memorylessTraffic } from './memoryless-traffic.ts'
import { rhythmicTraffic } from './rhythmic-traffic.ts'
import type { TrafficHour } from './traffic.ts'

function keysOf({ parts }: TrafficHour): Set<number> {
  return new Set(parts.flatMap((part) => [...part]))
}

/** Of the 200 hottest keys of `first`, the share that is among those of `second`. */
function likeness(first: TrafficHour | undefined, second: TrafficHour | undefined): number {
  const hottest = (hour: TrafficHour | undefined): Set<number> => {
    const counts = new Map<number, number>()
    for (const key of (hour?.parts ?? []).flatMap((part) => [...part])) {
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    const ranked = [...counts].sort(([, a], [, b]) => b - a).slice(0, 200)
    return new Set(ranked.map(([key]) => key))
  }
  const others = hottest(second)
  return [...hottest(first)].filter((key) => others.has(key)).length / 200
}

const at = (day: number, hourOfDay: number): number => (day - 1) * 24 + hourOfDay

describe('rhythmic traffic', () => {
  test('is the same for the same seed, and another for another', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => [...rhythmicTraffic({ seed, days: 1 })])
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  test('has hours that are like yesterday, unlike twelve hours ago, and weekends of their own', () => {
    const hours = [...rhythmicTraffic({ seed: 1, days: 14 })]
    const wednesday = hours[at(3, 8)]
    expect(likeness(wednesday, hours[at(2, 8)])).toBeGreaterThan(0.4)
    expect(likeness(wednesday, hours[at(2, 20)])).toBeLessThan(0.2)
    expect(likeness(hours[at(13, 10)], hours[at(6, 10)])).toBeGreaterThan(0.4)
    expect(likeness(hours[at(13, 10)], hours[at(12, 10)])).toBeLessThan(0.2)
  })

  test('has other habits from the day of the shift on', () => {
    const hours = [...rhythmicTraffic({ seed: 1, days: 10, shiftOnDay: 9 })]
    expect(likeness(hours[at(9, 20)], hours[at(8, 20)])).toBeLessThan(0.25)
    expect(likeness(hours[at(10, 20)], hours[at(9, 20)])).toBeGreaterThan(0.4)
  })

  test('reads less at night than by day, and keys that never come again', () => {
    const hours = [...rhythmicTraffic({ seed: 1, days: 2 })]
    const reads = (hour: TrafficHour | undefined): number =>
      (hour?.parts ?? []).reduce((sum, part) => sum + part.length, 0)
    expect(reads(hours[at(2, 10)])).toBeGreaterThan(4 * reads(hours[at(2, 4)]))
    const earlier = keysOf({ hour: 0, parts: hours.slice(0, 30).flatMap(({ parts }) => parts) })
    const last = hours[at(2, 10)]
    const fresh = last === undefined ? [] : [...keysOf(last)].filter((key) => !earlier.has(key))
    expect(fresh.length).toBeGreaterThan(100)
  })
})

describe('memoryless traffic', () => {
  test('has no hour that is more like yesterday than any other', () => {
    const options = { seed: 1, days: 2, keys: 10_000, skew: 0.9, readsAnHour: 6000 }
    const same = [...memorylessTraffic({ ...options, popular: 'for ever' })]
    expect(likeness(same[34], same[10])).toBeCloseTo(likeness(same[34], same[16]), 1)
    const changing = [...memorylessTraffic({ ...options, popular: 'for an hour' })]
    expect(likeness(changing[34], changing[33])).toBeLessThan(0.2)
  })
})
