/** One operation out of many in a bucket of a histogram, named by its trace. */

import type { LatencySeries } from './metrics.ts'

export interface Exemplar {
  readonly traceId: string
  readonly spanId: string
  readonly durationMs: number
  /** Epoch milliseconds. */
  readonly at: number
}

export interface ExemplarBucket extends Pick<LatencySeries, 'operation' | 'tier'> {
  readonly cache: string
  readonly pattern: string
  /** Place in `LatencyHistogram.buckets`. */
  readonly bucket: number
}

/** The last operation in the bucket that was traced; must be quick and must not throw. */
export type ExemplarSource = (bucket: ExemplarBucket) => Exemplar | undefined
