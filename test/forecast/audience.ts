/** People who come at the same hours for the same things. Called by `rhythmic-traffic.ts`. */

import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { factor, normal } from './noise.ts'
import { WeightedDraw, zipfWeights } from './weighted-draw.ts'

/** When an audience comes: most of it at one time of the day, fewer the further away from it. */
export interface Visit {
  readonly days: 'work' | 'weekend' | 'every'
  /** Hour of the day, 8.5 is half past eight. */
  readonly at: number
  /** Standard deviation in hours. */
  readonly width: number
  /** Reads an hour at the peak. */
  readonly height: number
}

export interface AudiencePlan {
  readonly name: string
  readonly visits: readonly Visit[]
  /** Keys it reads at all. */
  readonly keys: number
  /** Of its popularity by rank. */
  readonly skew: number
}

/** Where an audience gets its keys from. */
export type NewKey = () => number

/** From day to day: how many come, when, what they like, and what is replaced by something else. */
const STRENGTH_SPREAD = 0.2
const HOURS_SPREAD = 0.25
const TASTE_SPREAD = 0.4
const REPLACED_A_DAY = 0.02

/** A shift of habits leaves a key this chance to stay, at another rank. */
const KEPT_BY_A_SHIFT = 0.3
/** And moves each visit by up to this many hours. */
const MOVED_BY_A_SHIFT = 1.5

export class Audience {
  readonly #random: SeededRandom
  readonly #plan: AudiencePlan
  readonly #newKey: NewKey
  /** By rank. */
  #keys: number[]
  #moved: number[]
  #strength = 1
  #late = 0
  #draw: WeightedDraw

  constructor(random: SeededRandom, plan: AudiencePlan, newKey: NewKey) {
    this.#random = random
    this.#plan = plan
    this.#newKey = newKey
    this.#keys = Array.from({ length: plan.keys }, newKey)
    this.#moved = plan.visits.map(() => 0)
    this.#draw = new WeightedDraw(random, zipfWeights(plan.keys, plan.skew))
  }

  /** To be called before the first hour of each day. */
  beginDay(): void {
    const random = this.#random
    this.#strength = factor(random, STRENGTH_SPREAD)
    this.#late = HOURS_SPREAD * normal(random)
    this.#keys = this.#keys.map((key) => (random.next() < REPLACED_A_DAY ? this.#newKey() : key))
    const weights = zipfWeights(this.#plan.keys, this.#plan.skew)
    this.#draw = new WeightedDraw(
      random,
      weights.map((weight) => weight * factor(random, TASTE_SPREAD)),
    )
  }

  shiftHabits(): void {
    const random = this.#random
    const keys = this.#keys.map((key) => (random.next() < KEPT_BY_A_SHIFT ? key : this.#newKey()))
    for (let last = keys.length - 1; last > 0; last -= 1) {
      const other = random.below(last + 1)
      const moved = keys[last] ?? 0
      keys[last] = keys[other] ?? 0
      keys[other] = moved
    }
    this.#keys = keys
    this.#moved = this.#moved.map(() => MOVED_BY_A_SHIFT * (2 * random.next() - 1))
  }

  /** Reads an hour at `hourOfDay`, which may be broken. */
  intensity(hourOfDay: number, weekend: boolean): number {
    let sum = 0
    for (const [place, { days, at, width, height }] of this.#plan.visits.entries()) {
      if (days !== 'every' && (days === 'weekend') !== weekend) continue
      const distance = Math.abs(hourOfDay - at - this.#late - (this.#moved[place] ?? 0))
      const away = Math.min(distance, 24 - distance) / width
      sum += height * Math.exp((-away * away) / 2)
    }
    return sum * this.#strength
  }

  read(): number {
    return this.#keys[this.#draw.next()] ?? 0
  }
}
