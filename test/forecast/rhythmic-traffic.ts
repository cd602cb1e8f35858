/**
 * Reads with the rhythm of a day and of a week, with noise, and with other habits from day 9 on.
 *
 * Written before there was a forecaster, and to be left as it is: it says what traffic is like, not
 * what can be forecast of it.
 */

import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { Audience, type AudiencePlan } from './audience.ts'
import { occurrences, shuffle } from './noise.ts'
import { PARTS_AN_HOUR, type TrafficHour } from './traffic.ts'

export interface RhythmicTrafficOptions {
  readonly seed: number
  readonly days: number
  /** The first day of new habits, counted from 1. Absent: they stay. */
  readonly shiftOnDay?: number
}

/** A shop, its offices and its jobs at night. About 400,000 reads on a working day. */
const audiences: readonly AudiencePlan[] = [
  {
    name: 'early',
    visits: [{ days: 'work', at: 6.5, width: 0.8, height: 12_000 }],
    keys: 1500,
    skew: 0.8,
  },
  {
    name: 'commuters',
    visits: [
      { days: 'work', at: 8, width: 0.7, height: 18_000 },
      { days: 'work', at: 17.5, width: 0.8, height: 16_000 },
    ],
    keys: 2000,
    skew: 0.8,
  },
  {
    name: 'offices',
    visits: [
      { days: 'work', at: 10, width: 1.2, height: 16_000 },
      { days: 'work', at: 14.5, width: 1.3, height: 16_000 },
    ],
    keys: 2500,
    skew: 0.9,
  },
  {
    name: 'lunch',
    visits: [{ days: 'every', at: 12.5, width: 0.6, height: 16_000 }],
    keys: 1500,
    skew: 0.8,
  },
  {
    name: 'schools',
    visits: [{ days: 'work', at: 16, width: 0.8, height: 12_000 }],
    keys: 1500,
    skew: 0.8,
  },
  {
    name: 'evening',
    visits: [{ days: 'every', at: 20.5, width: 1.3, height: 20_000 }],
    keys: 2500,
    skew: 0.9,
  },
  {
    name: 'late',
    visits: [{ days: 'every', at: 23.5, width: 1, height: 10_000 }],
    keys: 1500,
    skew: 0.8,
  },
  {
    name: 'weekend mornings',
    visits: [{ days: 'weekend', at: 10, width: 1.2, height: 20_000 }],
    keys: 2500,
    skew: 0.8,
  },
  {
    name: 'weekend outings',
    visits: [{ days: 'weekend', at: 15.5, width: 2, height: 18_000 }],
    keys: 2500,
    skew: 0.9,
  },
  {
    name: 'jobs at night',
    visits: [{ days: 'every', at: 3, width: 0.5, height: 8000 }],
    keys: 1200,
    skew: 0.3,
  },
  {
    name: 'everybody',
    visits: [{ days: 'every', at: 14, width: 6, height: 3000 }],
    keys: 1000,
    skew: 1,
  },
]

/** Keys that all audiences choose from, so that some are liked by several. */
const KEYS = 20_000
/** Of all reads: keys chosen by nobody's taste, and keys that are read once and never again. */
const STRAY_SHARE = 0.05
const ONCE_SHARE = 0.03
/** On each day so many keys are on everybody's lips for some hours, with this share of the reads. */
const FADS_A_DAY = 4
const FAD_HOURS = 4
const FAD_SHARE = 0.01
const HOURS_A_DAY = 24

interface Fad {
  readonly key: number
  readonly from: number
}

/** `days` days of it, hour by hour; the same options give the same reads. */
export function* rhythmicTraffic(options: RhythmicTrafficOptions): Generator<TrafficHour> {
  const random = new SeededRandom(options.seed)
  // New habits are for keys of which half were not there before.
  let choice = { from: 0, count: KEYS }
  let once = 2 * KEYS
  const newKey = (): number => choice.from + random.below(choice.count)
  const crowd = audiences.map((plan) => new Audience(random, plan, newKey))
  for (let day = 1; day <= options.days; day += 1) {
    if (day === options.shiftOnDay) {
      choice = { from: KEYS / 2, count: KEYS }
      for (const audience of crowd) audience.shiftHabits()
    }
    for (const audience of crowd) audience.beginDay()
    const fads = Array.from({ length: FADS_A_DAY }, () => ({
      key: newKey(),
      from: random.next() * HOURS_A_DAY,
    }))
    for (let hourOfDay = 0; hourOfDay < HOURS_A_DAY; hourOfDay += 1) {
      const parts = Array.from({ length: PARTS_AN_HOUR }, (_, part) => {
        const time = hourOfDay + (part + 0.5) / PARTS_AN_HOUR
        const reads = tasteful(crowd, { time, weekend: (day - 1) % 7 >= 5, random })
        for (const [place, read] of reads.entries()) {
          const chance = random.next()
          if (chance < STRAY_SHARE) reads[place] = newKey()
          else if (chance < STRAY_SHARE + ONCE_SHARE) reads[place] = once++
          else reads[place] = ofFads(fads, time, random) ?? read
        }
        return reads
      })
      yield { hour: (day - 1) * HOURS_A_DAY + hourOfDay, parts }
    }
  }
}

interface Moment {
  readonly time: number
  readonly weekend: boolean
  readonly random: SeededRandom
}

/** What the audiences read in one part of an hour. */
function tasteful(crowd: readonly Audience[], { time, weekend, random }: Moment): Uint32Array {
  const counts = crowd.map((audience) =>
    occurrences(random, audience.intensity(time, weekend) / PARTS_AN_HOUR),
  )
  const reads = new Uint32Array(counts.reduce((sum, count) => sum + count, 0))
  let at = 0
  for (const [place, audience] of crowd.entries()) {
    for (let left = counts[place] ?? 0; left > 0; left -= 1) {
      reads[at] = audience.read()
      at += 1
    }
  }
  shuffle(random, reads)
  return reads
}

function ofFads(fads: readonly Fad[], time: number, random: SeededRandom): number | undefined {
  for (const { key, from } of fads) {
    if (time < from || time >= from + FAD_HOURS) continue
    if (random.next() < FAD_SHARE) return key
  }
  return undefined
}
