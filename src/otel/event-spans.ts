/**
 * Spans made of events, when they have ended: loads, writes, invalidations, warmings, clean-ups.
 *
 * An event comes in the middle of the call that it tells of, so that the span of whoever made the call
 * is the active one, and becomes the parent.
 */

import {
  type Attributes,
  context,
  type Link,
  type Span,
  type SpanContext,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { Cache } from '../contracts/cache.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { ExemplarBucket } from '../contracts/exemplar.ts'
import { ATTRIBUTES, failSpan } from './attributes.ts'

type EventOf<T extends CacheEvent['type']> = Extract<CacheEvent, { type: T }>

interface Ended {
  readonly operation: string
  readonly pattern: string
  readonly durationMs: number
  readonly attributes: Attributes
  readonly failed: boolean
  readonly error: unknown
  /** Nobody waits for it: a trace of its own. */
  readonly alone: boolean
}

export interface EventSpansOptions {
  readonly cache: Pick<Cache, 'name' | 'on'>
  readonly tracer: Tracer
  /** Hears of each span that is sampled. */
  readonly note: (
    bucket: Pick<ExemplarBucket, 'operation' | 'pattern'>,
    durationMs: number,
    span: SpanContext,
  ) => void
}

export function traceEvents({ cache, tracer, note }: EventSpansOptions): Disposable {
  const tell = (ended: Ended): SpanContext => endedSpan(tracer, cache.name, ended)
  const noteSampled = (operation: ExemplarBucket['operation'], ended: Ended): void => {
    const span = tell(ended)
    if ((span.traceFlags & TraceFlags.SAMPLED) === 0) return
    note({ operation, pattern: ended.pattern }, ended.durationMs, span)
  }
  const listening = [
    cache.on('load', (event) => noteSampled('load', ofLoad(event))),
    cache.on('write', (event) => {
      noteSampled(event.kind === 'set' ? 'set' : 'write', ofWrite(event))
    }),
    cache.on('invalidation', (event) => {
      // Of what others have made this process has heard, and has done nothing that takes time.
      if (event.origin === 'local' || event.origin === 'external') {
        noteSampled('invalidate', ofInvalidation(event))
      }
    }),
    cache.on('clean-up', (event) => void tell(ofCleanUp(event))),
    cache.on('warming', (event) => {
      if (event.state === 'begun' || event.state === 'progress' || event.state === 'missed') return
      tell(ofWarming(event))
    }),
  ]
  return {
    [Symbol.dispose]: () => {
      for (const one of listening) one[Symbol.dispose]()
    },
  }
}

function ofLoad({ pattern, durationMs, outcome, reason, error }: EventOf<'load'>): Ended {
  return {
    operation: 'load',
    ...{ pattern, durationMs, error },
    attributes: { [ATTRIBUTES.outcome]: outcome, [ATTRIBUTES.reason]: reason },
    failed: outcome === 'failed',
    alone: reason === 'ahead' || reason === 'warming',
  }
}

function ofWrite({ pattern, kind, durationMs, outcome, count, error }: EventOf<'write'>): Ended {
  return {
    operation: kind,
    ...{ pattern, durationMs, error },
    attributes: { [ATTRIBUTES.outcome]: outcome, [ATTRIBUTES.count]: count },
    failed: outcome === 'failed',
    alone: false,
  }
}

function ofInvalidation({ pattern, durationMs, ...event }: EventOf<'invalidation'>): Ended {
  return {
    operation: 'invalidate',
    ...{ pattern, durationMs, error: undefined },
    attributes: {
      [ATTRIBUTES.kind]: event.kind,
      [ATTRIBUTES.outcome]: event.state,
      [ATTRIBUTES.count]: event.count,
    },
    failed: false,
    alone: false,
  }
}

function ofCleanUp({ pattern, durationMs, outcome, removed }: EventOf<'clean-up'>): Ended {
  return {
    operation: 'clean-up',
    ...{ pattern, durationMs, error: undefined },
    attributes: { [ATTRIBUTES.outcome]: outcome, [ATTRIBUTES.count]: removed },
    failed: false,
    alone: true,
  }
}

function ofWarming({
  pattern,
  state,
  reason,
  elapsedMs,
  loaded,
  error,
}: EventOf<'warming'>): Ended {
  return {
    operation: 'warm',
    ...{ pattern, error },
    durationMs: elapsedMs,
    attributes: {
      [ATTRIBUTES.outcome]: state,
      [ATTRIBUTES.reason]: reason,
      [ATTRIBUTES.count]: loaded,
    },
    failed: state === 'failed',
    alone: true,
  }
}

function endedSpan(tracer: Tracer, cache: string, ended: Ended): SpanContext {
  const { operation, pattern, durationMs } = ended
  const endTime = Date.now()
  const span = tracer.startSpan(`${operation} ${pattern}`, {
    startTime: endTime - durationMs,
    attributes: {
      [ATTRIBUTES.cache]: cache,
      [ATTRIBUTES.pattern]: pattern,
      [ATTRIBUTES.operation]: operation,
      ...ended.attributes,
    },
    ...placeOf(trace.getSpan(context.active()), ended.alone),
  })
  if (ended.failed) failSpan(span, ended.error)
  span.end(endTime)
  return span.spanContext()
}

/**
 * A parent that has ended belongs to a call that has its answer already: what goes on is no part of
 * it, and is linked. One that is not sampled never records; what hangs under it must not either.
 */
function placeOf(
  parent: Span | undefined,
  alone: boolean,
): { readonly root?: true; readonly links?: Link[] } {
  if (parent === undefined) return {}
  const caller = parent.spanContext()
  const isSampled = (caller.traceFlags & TraceFlags.SAMPLED) !== 0
  const hasEnded = isSampled && !parent.isRecording() && caller.isRemote !== true
  return alone || hasEnded ? { root: true, links: [{ context: caller }] } : {}
}
