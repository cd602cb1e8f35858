/** Shows a cache to OpenTelemetry: spans and metrics. */

import { type Meter, metrics, type Tracer, trace } from '@opentelemetry/api'
import type { Cache } from '../contracts/cache.ts'
import type { ExemplarSource } from '../contracts/exemplar.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { MetricsSnapshot } from '../contracts/metrics.ts'
import { traceEvents } from './event-spans.ts'
import { observeFigures } from './observe-figures.ts'
import { SpanExemplars } from './span-exemplars.ts'
import { tracedCalls } from './traced-calls.ts'

export interface InstrumentOptions {
  /** `'off'`: no spans. @default trace.getTracer('tiercel') */
  readonly tracer?: Tracer | 'off'
  /** `'off'`: no metrics. @default metrics.getMeter('tiercel') */
  readonly meter?: Meter | 'off'
  /** Patterns that are told apart in metrics: the first so many; the rest is `other`. @default 100 */
  readonly patterns?: number
}

/** What is asked of a cache. */
export interface InstrumentedCache extends Pick<Cache, 'name' | 'on'> {
  stats(): Promise<MetricsSnapshot>
}

export interface Instrumented<C> extends Disposable {
  /** The same cache, each of whose reads is a span as well, also those of collections made with it. */
  readonly cache: C
  /** The last sampled trace in each bucket, for `createPrometheus`. */
  readonly exemplars: ExemplarSource
}

const OPTIONS: Known<InstrumentOptions> = { tracer: true, meter: true, patterns: true }
const DEFAULT_PATTERNS = 100

/**
 * Tells OpenTelemetry of a cache until it is disposed of. Spans come from the cache's events; reads,
 * which make none, are spans where they are asked through `cache` of the answer.
 *
 * @throws ConfigError for an option that there is not.
 */
export function instrument<C extends InstrumentedCache>(
  cache: C,
  options: InstrumentOptions = {},
): Instrumented<C> {
  checkKnown(options, OPTIONS)
  const { tracer = trace.getTracer('tiercel'), meter = metrics.getMeter('tiercel') } = options
  const { patterns = DEFAULT_PATTERNS } = options
  const exemplars = new SpanExemplars(cache.name)
  const ends: Disposable[] = []
  if (tracer !== 'off') {
    ends.push(traceEvents({ cache, tracer, note: (...noted) => exemplars.note(...noted) }))
  }
  if (meter !== 'off') ends.push(observeFigures({ cache, meter, patterns }))
  return {
    cache:
      tracer === 'off' ? cache : tracedCalls(cache, { tracer, cache: cache.name, pattern: '*' }),
    exemplars: exemplars.find,
    [Symbol.dispose]: () => {
      for (const end of ends) end[Symbol.dispose]()
    },
  }
}
