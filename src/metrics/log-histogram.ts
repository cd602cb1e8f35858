/**
 * How long things took, in a bounded number of counts: 12 to each doubling, so that a percentile is
 * wrong by 3 % at most. Beside it the buckets that people know, counted exactly.
 */

import type { LatencyHistogram } from '../contracts/metrics.ts'

const PER_DOUBLING = 12
const LEAST_MS = 0.0005
/** Of 11 days; what takes longer is counted with it. */
const BINS = PER_DOUBLING * 41
/** Counts are made room for in parts: what a cache does takes about as long each time. */
const PART = 24

const BOUNDS_MS = [1, 5, 10, 50, 100] as const

export class LogHistogram {
  #count = 0
  #sumMs = 0
  #maxMs = 0
  readonly #buckets: [number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0]
  /** Counts of the bins from `#from` on. */
  #bins = new Float64Array(0)
  #from = 0

  /** `count` times so long. */
  add(durationMs: number, count = 1): void {
    const ms = durationMs > 0 ? durationMs : 0
    this.#count += count
    this.#sumMs += ms * count
    if (ms > this.#maxMs) this.#maxMs = ms
    let bucket = 0
    while (bucket < BOUNDS_MS.length && ms >= (BOUNDS_MS[bucket] as number)) bucket += 1
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + count
    const bin = binOf(ms)
    if (bin < this.#from || bin >= this.#from + this.#bins.length) this.#makeRoom(bin)
    const at = bin - this.#from
    this.#bins[at] = (this.#bins[at] as number) + count
  }

  get count(): number {
    return this.#count
  }

  /** Adds all that another has counted. */
  merge(other: LogHistogram): void {
    this.#count += other.#count
    this.#sumMs += other.#sumMs
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs)
    for (const [at, count] of other.#buckets.entries()) {
      this.#buckets[at] = (this.#buckets[at] as number) + count
    }
    for (const [at, count] of other.#bins.entries()) {
      if (count === 0) continue
      const bin = other.#from + at
      if (bin < this.#from || bin >= this.#from + this.#bins.length) this.#makeRoom(bin)
      this.#bins[bin - this.#from] = (this.#bins[bin - this.#from] as number) + count
    }
  }

  get figures(): LatencyHistogram {
    const [p50Ms, p95Ms, p99Ms] = this.#percentiles([0.5, 0.95, 0.99])
    return {
      count: this.#count,
      sumMs: this.#sumMs,
      buckets: [...this.#buckets],
      p50Ms: p50Ms ?? null,
      p95Ms: p95Ms ?? null,
      p99Ms: p99Ms ?? null,
      maxMs: this.#count === 0 ? null : this.#maxMs,
    }
  }

  #percentiles(shares: readonly number[]): (number | undefined)[] {
    if (this.#count === 0) return []
    const found: number[] = []
    let seen = 0
    for (const [at, count] of this.#bins.entries()) {
      seen += count
      while (
        found.length < shares.length &&
        seen >= this.#count * (shares[found.length] as number)
      ) {
        found.push(Math.min(this.#maxMs, middleOf(this.#from + at)))
      }
    }
    while (found.length < shares.length) found.push(this.#maxMs)
    return found
  }

  #makeRoom(bin: number): void {
    const first = Math.floor(bin / PART) * PART
    const empty = this.#bins.length === 0
    const from = empty ? first : Math.min(this.#from, first)
    const to = empty ? first + PART : Math.max(this.#from + this.#bins.length, first + PART)
    const bins = new Float64Array(to - from)
    bins.set(this.#bins, empty ? 0 : this.#from - from)
    this.#bins = bins
    this.#from = from
  }
}

function binOf(ms: number): number {
  if (ms <= LEAST_MS) return 0
  return Math.min(BINS - 1, Math.floor(Math.log2(ms / LEAST_MS) * PER_DOUBLING))
}

/** In the middle of the bin, as far as ratios go: equally wrong both ways. */
function middleOf(bin: number): number {
  return LEAST_MS * 2 ** ((bin + 0.5) / PER_DOUBLING)
}
