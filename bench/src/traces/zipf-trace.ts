/** A generated trace, for whoever has no trace file at hand. Called by the replay. */

import { seededRandom } from './seeded-random.ts'
import { zipfRanks } from './zipf-ranks.ts'

export interface ZipfTraceOptions {
  readonly requests: number
  readonly keys: number
  /** 0 is uniform; product pages are near 1. */
  readonly skew: number
  readonly seed: number
}

/** Keys handed on at a time. */
const batchSize = 4096

/** `requests` keys by Zipf's law; the same options give the same trace. */
export async function* zipfTrace(options: ZipfTraceOptions): AsyncGenerator<readonly string[]> {
  const draw = zipfRanks(options.keys, options.skew, seededRandom(options.seed))
  for (let done = 0; done < options.requests; done += batchSize) {
    const length = Math.min(batchSize, options.requests - done)
    yield Array.from({ length }, () => String(draw()))
  }
}
