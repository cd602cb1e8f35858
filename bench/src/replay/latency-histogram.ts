/** Latencies of any number of requests in a few kilobytes. */

/** Steps to a doubling: a percentile is at most 2.2 % above the truth. */
const steps = 32
/** From 1 ns to 2^40 ns, 18 minutes. */
const doublings = 40

/** Counts in buckets whose edges grow by the same factor; the maximum is exact. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(steps * doublings)
  #total = 0
  #maxMs = 0

  get maxMs(): number {
    return this.#maxMs
  }

  record(ms: number): void {
    const bucket = Math.floor(Math.log2(Math.max(1, ms * 1e6)) * steps)
    const place = Math.min(bucket, this.#counts.length - 1)
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
    this.#total += 1
    if (ms > this.#maxMs) this.#maxMs = ms
  }

  /** The latency in milliseconds that `share` of the requests stayed within; 0 without requests. */
  quantile(share: number): number {
    const sought = this.#total * share
    let counted = 0
    for (const [bucket, count] of this.#counts.entries()) {
      counted += count
      if (count > 0 && counted >= sought) {
        return Math.min(this.#maxMs, 2 ** ((bucket + 1) / steps) / 1e6)
      }
    }
    return this.#maxMs
  }
}
