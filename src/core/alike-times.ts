/** Times that are alike, within 1.5 %, put together: thousands of samples are told as a few. */

const PER_DOUBLING = 48
/** What a clock cannot tell apart. */
const LEAST_MS = 0.00001

export interface AlikeTime {
  /** On average. */
  readonly durationMs: number
  readonly count: number
}

export class AlikeTimes {
  readonly #byBin = new Map<number, { sumMs: number; count: number }>()

  add(durationMs: number, count: number): void {
    const bin = Math.round(Math.log2(Math.max(LEAST_MS, durationMs)) * PER_DOUBLING)
    const times = this.#byBin.get(bin)
    if (times === undefined) this.#byBin.set(bin, { sumMs: durationMs * count, count })
    else {
      times.sumMs += durationMs * count
      times.count += count
    }
  }

  *[Symbol.iterator](): Generator<AlikeTime> {
    for (const { sumMs, count } of this.#byBin.values()) {
      yield { durationMs: sumMs / count, count }
    }
  }
}
