/** Adds up what events tell, by pattern and in all. Nothing is known here that no event has told. */

import type { Clock } from '../contracts/clock.ts'
import type {
  AuditEvent,
  CacheEvent,
  CleanUpEvent,
  QueueEvent,
  StoreCallEvent,
} from '../contracts/events.ts'
import type { MissCause } from '../contracts/key-watch.ts'
import type { LatencySeries, QueueMetrics } from '../contracts/metrics.ts'
import { LogHistogram } from './log-histogram.ts'
import { PatternFigures } from './pattern-figures.ts'
import { PatternTable } from './pattern-table.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export interface CollectorOptions {
  readonly clock: Clock
  readonly patterns: number
  readonly hasShared: boolean
  readonly isDeclared: (pattern: string) => boolean
}

/** Events of what is done with entries; of no other does a pattern have figures. */
type Counted = Extract<CacheEvent, { type: keyof typeof COUNTED }>

const COUNTED = {
  reads: true,
  answers: true,
  latency: true,
  load: true,
  stale: true,
  unanswered: true,
  write: true,
  removal: true,
  invalidation: true,
  undecodable: true,
  compression: true,
  shadow: true,
} as const

function isCounted(event: CacheEvent): event is Counted {
  return Object.hasOwn(COUNTED, event.type)
}

const CAUSES: readonly MissCause[] = ['first', 'unkept', 'expired', 'gone']

/** Collections are declared, and bounded; their queues are as many. */
const MAX_QUEUES = 1_000

export class Collector {
  readonly total: PatternFigures = new PatternFigures('**')
  readonly patterns: PatternTable
  readonly queues: Map<string, QueueFigures> = new Map()
  audit: { at: number; event: AuditEvent; consistent: number; stale: number } | undefined
  cleanUp: { at: number; event: CleanUpEvent } | undefined
  readonly #options: CollectorOptions

  constructor(options: CollectorOptions) {
    this.#options = options
    this.patterns = new PatternTable(options.patterns, options.isDeclared)
  }

  add(event: CacheEvent): void {
    switch (event.type) {
      case 'queue':
        this.#queue(event)
        break
      case 'store-call':
        this.#storeCall(event)
        break
      case 'audit': {
        const { consistent = 0, stale = 0 } = this.audit ?? {}
        this.audit = {
          at: this.#options.clock.now(),
          event,
          consistent: consistent + event.consistent,
          stale: stale + event.stale,
        }
        break
      }
      case 'clean-up':
        this.cleanUp = { at: this.#options.clock.now(), event }
        break
      default:
        // What the cache keeps for itself is called so, and nobody's collection is.
        if (!isCounted(event) || event.pattern.startsWith('~')) break
        this.#count(this.total, event)
        this.#count(this.patterns.of(event.pattern), event)
    }
  }

  #count(figures: PatternFigures, event: Counted): void {
    const { counts } = figures
    switch (event.type) {
      case 'reads': {
        const tier = counts[event.tier]
        tier.hits += event.hits
        tier.misses += event.misses
        tier.errors += event.errors
        break
      }
      case 'answers':
        counts.hits += event.hits
        counts.misses += event.misses
        for (const cause of CAUSES) figures.causes[cause] += event.causes[cause]
        figures.recent.add(this.#options.clock.monotonic(), event.hits, event.misses)
        break
      case 'latency':
        figures.took(event.operation, event.tier, event.durationMs, event.count)
        break
      case 'load':
        counts.loads[event.outcome] += 1
        if (event.reason !== 'miss') counts.loads[event.reason] += 1
        figures.took('load', 'source', event.durationMs, 1)
        break
      case 'stale':
        counts.stale += 1
        break
      case 'unanswered':
        counts.unanswered[event.reason === 'load-slow' ? 'slow' : 'failed'] += 1
        break
      case 'write':
        this.#write(figures, event)
        break
      case 'removal':
        counts.removals[event.tier][event.cause] += event.count
        break
      case 'invalidation':
        counts.invalidations += event.count
        if (event.origin === 'local' || event.origin === 'external') {
          figures.took('invalidate', this.#tier, event.durationMs, 1)
        }
        break
      case 'undecodable':
        counts.undecodable += 1
        break
      case 'compression':
        counts.compression.bytesBefore += event.bytesBefore
        counts.compression.bytesAfter += event.bytesAfter
        counts.compression.durationMs += event.durationMs
        break
      case 'shadow':
        counts.shadow[event.outcome] += event.count
        break
      default:
        event satisfies never
    }
  }

  #write(figures: PatternFigures, event: Extract<CacheEvent, { type: 'write' }>): void {
    const { kind, outcome, count, durationMs } = event
    const { writes } = figures.counts
    if (outcome === 'failed') writes.failed += count
    else if (kind !== 'fill') writes[kind] += count
    if (kind === 'fill' || outcome === 'failed') return
    if (kind === 'set') figures.took('set', this.#tier, durationMs, 1)
    else figures.took('write', 'source', durationMs, 1)
  }

  get #tier(): LatencySeries['tier'] {
    return this.#options.hasShared ? 'shared' : 'memory'
  }

  #queue({ pattern, state, count }: QueueEvent): void {
    if (state === 'away') return
    this.#queueOf(pattern).writes[state] += count
  }

  #storeCall({ pattern, outcome, writes, durationMs }: StoreCallEvent): void {
    const queue = this.#queueOf(pattern)
    queue.calls.calls += 1
    if (outcome === 'failed') queue.calls.failedCalls += 1
    queue.calls.attempts += writes
    queue.calls.batch = writes
    queue.latency.add(durationMs)
  }

  #queueOf(pattern: string): QueueFigures {
    const known = this.queues.get(pattern)
    if (known !== undefined) return known
    const made = noQueueFigures()
    if (this.queues.size < MAX_QUEUES) this.queues.set(pattern, made)
    return made
  }
}

/** Of one queue: what has become of its writes, and the calls of its store. */
export interface QueueFigures {
  readonly writes: Mutable<Pick<QueueMetrics, Exclude<QueueEvent['state'], 'away'>>>
  readonly calls: Mutable<Pick<QueueMetrics, 'calls' | 'failedCalls' | 'attempts' | 'batch'>>
  readonly latency: LogHistogram
}

export function noQueueFigures(): QueueFigures {
  return {
    writes: { applied: 0, superseded: 0, retried: 0, dead: 0, lost: 0 },
    calls: { calls: 0, failedCalls: 0, attempts: 0, batch: 0 },
    latency: new LogHistogram(),
  }
}
