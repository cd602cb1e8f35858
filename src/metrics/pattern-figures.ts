/** What is counted of one pattern. Fields are added to by `collector.ts`, and shown as `PatternMetrics`. */

import type { RemovalCause } from '../contracts/events.ts'
import type { MissCause } from '../contracts/key-watch.ts'
import type { LatencySeries, PatternMetrics } from '../contracts/metrics.ts'
import { LogHistogram } from './log-histogram.ts'
import { RecentReads } from './recent-reads.ts'

type Counts<K extends string> = Record<K, number>
type Operation = LatencySeries['operation']
type Tier = LatencySeries['tier']

/** Everything but what is worked out of it. */
export type PlainFigures = Omit<
  PatternMetrics,
  'pattern' | 'workload' | 'hitRate' | 'latency' | 'verdict'
>

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] }

export class PatternFigures {
  readonly pattern: string
  readonly counts: Mutable<PlainFigures> = noCounts()
  /** Why reads were misses, of a sample. */
  readonly causes: Record<MissCause, number> = { first: 0, unkept: 0, expired: 0, gone: 0 }
  readonly recent: RecentReads = new RecentReads()
  readonly #latency = new Map<string, LogHistogram>()

  constructor(pattern: string) {
    this.pattern = pattern
  }

  took(operation: Operation, tier: Tier, durationMs: number, count: number): void {
    const id = `${operation} ${tier}`
    const histogram = this.#latency.get(id)
    if (histogram !== undefined) histogram.add(durationMs, count)
    else {
      const made = new LogHistogram()
      made.add(durationMs, count)
      this.#latency.set(id, made)
    }
  }

  get latency(): LatencySeries[] {
    return [...this.#latency].map(([id, histogram]) => {
      const [operation, tier] = id.split(' ') as [Operation, Tier]
      return { operation, tier, ...histogram.figures }
    })
  }

  get reads(): number {
    return this.counts.hits + this.counts.misses
  }

  /** Takes over all that another has counted, but for what was recent. */
  merge(other: PatternFigures): void {
    addAll(this.counts, other.counts)
    addAll(this.causes, other.causes)
    for (const [id, histogram] of other.#latency) {
      const own = this.#latency.get(id) ?? new LogHistogram()
      own.merge(histogram)
      this.#latency.set(id, own)
    }
  }
}

function addAll(to: object, from: object): void {
  const sums = to as Record<string, number | object>
  for (const [field, value] of Object.entries(from) as [string, number | object][]) {
    if (typeof value === 'number') sums[field] = (sums[field] as number) + value
    else addAll(sums[field] as object, value)
  }
}

function noCounts(): Mutable<PlainFigures> {
  const tier = (): Counts<'hits' | 'misses' | 'errors'> => ({ hits: 0, misses: 0, errors: 0 })
  const causes = (): Counts<RemovalCause> => ({
    deleted: 0,
    replaced: 0,
    expired: 0,
    evicted: 0,
    invalidated: 0,
  })
  return {
    hits: 0,
    misses: 0,
    memory: tier(),
    shared: tier(),
    stale: 0,
    unanswered: { slow: 0, failed: 0 },
    loads: {
      loaded: 0,
      absent: 0,
      uncached: 0,
      failed: 0,
      fenced: 0,
      refresh: 0,
      ahead: 0,
      warming: 0,
    },
    writes: { set: 0, create: 0, put: 0, remove: 0, failed: 0 },
    invalidations: 0,
    removals: { memory: causes(), shared: causes() },
    undecodable: 0,
    compression: { bytesBefore: 0, bytesAfter: 0, durationMs: 0 },
    shadow: { same: 0, different: 0, failed: 0 },
  }
}
