/**
 * Invalidations in numbers: how many, from whom, how often, and how long one's own took.
 *
 * Adding costs a few additions, since every message of every instance is counted; what has to be worked
 * out is worked out when somebody asks.
 */

import type { Clock } from '../contracts/clock.ts'
import type { InvalidationEvent } from '../contracts/events.ts'
import type { InvalidationStatistics } from '../contracts/usage.ts'

const SECONDS = 10
/** Of the last so many own ones. */
const DURATIONS = 1_000

export class InvalidationCounts {
  readonly #clock: Clock
  readonly #by = { local: 0, external: 0, remote: 0, replayed: 0 }
  /** By second, in a ring; each with the second that it is of. */
  readonly #counts = new Array<number>(SECONDS).fill(0)
  readonly #seconds = new Array<number>(SECONDS).fill(Number.NEGATIVE_INFINITY)
  readonly #durations: number[] = []
  #timed = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(origin: InvalidationEvent['origin'], count: number): void {
    this.#by[origin] += count
    const second = this.#second()
    const at = second % SECONDS
    if (this.#seconds[at] !== second) {
      this.#seconds[at] = second
      this.#counts[at] = 0
    }
    this.#counts[at] = (this.#counts[at] ?? 0) + count
  }

  /** An own one was carried out in so many milliseconds. */
  took(durationMs: number): void {
    this.#durations[this.#timed % DURATIONS] = durationMs
    this.#timed += 1
  }

  get statistics(): InvalidationStatistics {
    const { local, external, remote, replayed } = this.#by
    const sorted = this.#durations.toSorted((one, other) => one - other)
    const share = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? 0
    const latency = sorted.length === 0 ? undefined : { p50Ms: share(0.5), p99Ms: share(0.99) }
    const total = local + external + remote + replayed
    return { total, local, external, remote, replayed, perSecond: this.#perSecond(), latency }
  }

  #perSecond(): number {
    const second = this.#second()
    let sum = 0
    for (const [at, count] of this.#counts.entries()) {
      if (second - (this.#seconds[at] ?? 0) < SECONDS) sum += count
    }
    return sum / SECONDS
  }

  #second(): number {
    return Math.floor(this.#clock.monotonic() / 1_000)
  }
}
