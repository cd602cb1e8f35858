/** Reads of which no hour is like another for being the same hour: there is nothing to forecast by. */

import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { occurrences, shuffle } from './noise.ts'
import { PARTS_AN_HOUR, type TrafficHour } from './traffic.ts'
import { WeightedDraw, zipfWeights } from './weighted-draw.ts'

export interface MemorylessTrafficOptions {
  readonly seed: number
  readonly days: number
  readonly keys: number
  /** 0: all keys are read alike. */
  readonly skew: number
  readonly readsAnHour: number
  /**
   * Which keys are the popular ones: the same ones for ever, each read independent of all before;
   * or others in each hour, so that not even the last hour tells anything.
   */
  readonly popular: 'for ever' | 'for an hour'
}

export function* memorylessTraffic(options: MemorylessTrafficOptions): Generator<TrafficHour> {
  const { keys, skew, readsAnHour, popular } = options
  const random = new SeededRandom(options.seed)
  const draw = new WeightedDraw(random, zipfWeights(keys, skew))
  const byRank = Uint32Array.from({ length: keys }, (_, rank) => rank)
  shuffle(random, byRank)
  for (let hour = 0; hour < options.days * 24; hour += 1) {
    if (popular === 'for an hour') shuffle(random, byRank)
    const parts = Array.from({ length: PARTS_AN_HOUR }, () =>
      Uint32Array.from(
        { length: occurrences(random, readsAnHour / PARTS_AN_HOUR) },
        () => byRank[draw.next()] ?? 0,
      ),
    )
    yield { hour, parts }
  }
}
