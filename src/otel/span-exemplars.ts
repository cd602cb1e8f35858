/** The last sampled operation of each kind, pattern and bucket: a way from a histogram to a trace. */

import type { SpanContext } from '@opentelemetry/api'
import type { Exemplar, ExemplarBucket, ExemplarSource } from '../contracts/exemplar.ts'

/** Upper ends of the buckets of `LatencyHistogram`, the last of which has none. */
const LIMITS_MS = [1, 5, 10, 50, 100] as const

/** 1,000 patterns with two operations and five buckets each; a few MB at most. */
const MOST = 10_000

export class SpanExemplars {
  readonly #cache: string
  readonly #last = new Map<string, Exemplar>()

  constructor(cache: string) {
    this.#cache = cache
  }

  /** What is beyond the bound is left out, as one that is new says no more than one that is known. */
  note(
    { operation, pattern }: Pick<ExemplarBucket, 'operation' | 'pattern'>,
    durationMs: number,
    { traceId, spanId }: SpanContext,
  ): void {
    const place = LIMITS_MS.findIndex((limit) => durationMs < limit)
    const id = idOf({ operation, pattern, bucket: place === -1 ? LIMITS_MS.length : place })
    if (this.#last.size >= MOST && !this.#last.has(id)) return
    this.#last.set(id, { traceId, spanId, durationMs, at: Date.now() })
  }

  /** Bound, so that it can be handed on. */
  readonly find: ExemplarSource = ({ cache, ...bucket }) =>
    cache === this.#cache ? this.#last.get(idOf(bucket)) : undefined
}

function idOf(bucket: Pick<ExemplarBucket, 'operation' | 'pattern' | 'bucket'>): string {
  return `${bucket.operation} ${bucket.bucket} ${bucket.pattern}`
}
