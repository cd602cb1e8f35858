/** OpenTelemetry with its real SDK, whose spans and metrics stay in this process. */

import { type Attributes, context, type Tracer, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'

export interface OtelScene extends Disposable {
  readonly tracer: Tracer
  readonly meters: MeterProvider
  /** Spans that have ended, the first first. */
  spans(): readonly ReadableSpan[]
  span(name: string): ReadableSpan
  /** By name, unit and attributes: what a collection finds now. */
  collect(): Promise<readonly Collected[]>
}

export interface Collected {
  readonly name: string
  readonly unit: string
  readonly attributes: Attributes
  readonly value: number
}

class AskedReader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** Context is one for the whole process: end a scene before the next. */
export function otelScene(options: { readonly sampler?: Sampler } = {}): OtelScene {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    ...options,
  })
  const reader = new AskedReader()
  const meters = new MeterProvider({ readers: [reader] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const spans = () => exporter.getFinishedSpans()
  return {
    tracer: provider.getTracer('test'),
    meters,
    spans,
    span(name) {
      const found = spans().filter((span) => span.name === name)
      const [only] = found
      if (only === undefined || found.length > 1) {
        throw new Error(
          `${found.length} spans are called ${name}: ${spans().map((one) => one.name)}`,
        )
      }
      return only
    },
    async collect() {
      const { resourceMetrics, errors } = await reader.collect()
      if (errors.length > 0) throw new AggregateError(errors)
      return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({
            name: descriptor.name,
            unit: descriptor.unit,
            attributes,
            value: value as number,
          })),
        ),
      )
    },
    [Symbol.dispose]: () => {
      context.disable()
      trace.disable()
    },
  }
}
