/**
 * What one instance has counted since its cache was made: made in `metrics/` of events alone.
 *
 * JSON as it stands: instants are epoch milliseconds by the host's clock, and what is not known is
 * `null`. A key never stands in it; a `pattern` is a collection with a star (`product:*`), `*` for
 * plain keys, one learned from plain keys (`report:*`), or `other` beyond the limit.
 */

import type { RemovalCause } from './events.ts'
import type { Alert, Health } from './health.ts'
import type { Duration } from './options.ts'

/** How a collection is used, as its owner sees it: verdicts on hit rates are given by it. */
export type Workload = 'read-heavy' | 'write-heavy'

export interface MetricsOptions {
  /** Patterns that are told apart at most, collections first; the rest is `other`. @default 500 */
  readonly patterns?: number
  /** One hit in this process of so many is timed: a clock costs half as much as the hit. @default 256 */
  readonly sampleHits?: number
  /** How often this instance leaves its figures in the shared tier, for all others to show. @default '5s' */
  readonly shareEvery?: Duration | 'off'
}

/** Reads that a tier has answered, and those it had nothing for; counted exactly. */
export interface TierCounts {
  readonly hits: number
  readonly misses: number
  /** Calls that failed or were not answered in time; in `memory` always 0. */
  readonly errors: number
}

/**
 * What took how long. The tier is the one that answered: a `get` from the `source` is a miss. Hits in
 * this process are a sample, weighed by what it stands for.
 */
export interface LatencySeries extends LatencyHistogram {
  readonly operation: 'get' | 'load' | 'set' | 'write' | 'invalidate'
  readonly tier: 'memory' | 'shared' | 'source'
}

export interface LatencyHistogram {
  readonly count: number
  readonly sumMs: number
  /** Below 1, 5, 10, 50 and 100 ms, and 100 ms or more; each apart, not summed up. */
  readonly buckets: readonly [number, number, number, number, number, number]
  /** From a finer histogram, within 4 %; `null`: nothing was counted. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly maxMs: number | null
}

/** In these words a hit rate is judged, by the declared workload. `unknown`: too few reads. */
export type VerdictGrade = 'excellent' | 'good' | 'fair' | 'low' | 'unknown'

/** Why a hit rate is below good. */
export type LowHitCause =
  | 'short-life'
  | 'never-repeated'
  | 'removed-early'
  | 'evicted'
  | 'not-kept'
  | 'unclear'

export interface Verdict {
  readonly grade: VerdictGrade
  /** Hit rates from which it is excellent, good and fair; shares of 1. */
  readonly range: { readonly excellent: number; readonly good: number; readonly fair: number }
  /** `null` where it is good, or where too little is known. */
  readonly cause: LowHitCause | null
  /** What a person can do about it; empty where nothing is to be done. */
  readonly advice: string
  /** What reads and writes contradict the declared workload with; empty: nothing does. */
  readonly contradiction: string
}

export interface PatternMetrics {
  readonly pattern: string
  /** `null`: none was declared; it is judged as read-heavy. */
  readonly workload: Workload | null
  /** Of reads that asked for a value: any tier answered, or none did. */
  readonly hits: number
  readonly misses: number
  /** Share of 1; `null`: nothing was read. */
  readonly hitRate: number | null
  readonly memory: TierCounts
  readonly shared: TierCounts
  readonly stale: number
  /** Reads that got an error: at their hard timeout, and since the load had failed. */
  readonly unanswered: { readonly slow: number; readonly failed: number }
  readonly loads: {
    readonly loaded: number
    readonly absent: number
    readonly uncached: number
    readonly failed: number
    readonly fenced: number
    /** Of all: asked for by `refresh`, ahead of the end, and to keep entries warm. */
    readonly refresh: number
    readonly ahead: number
    readonly warming: number
  }
  readonly writes: {
    readonly set: number
    readonly create: number
    readonly put: number
    readonly remove: number
    readonly failed: number
  }
  /** Invalidations that name it, of this instance and, as far as it hears of them, of others. */
  readonly invalidations: number
  readonly removals: {
    readonly memory: Readonly<Record<RemovalCause, number>>
    readonly shared: Readonly<Record<RemovalCause, number>>
  }
  /** Bytes in the shared tier that were a miss. */
  readonly undecodable: number
  readonly compression: {
    readonly bytesBefore: number
    readonly bytesAfter: number
    readonly durationMs: number
  }
  /** Values of hits that were loaded as well, to compare: see `shadow`. */
  readonly shadow: { readonly same: number; readonly different: number; readonly failed: number }
  readonly latency: readonly LatencySeries[]
  readonly verdict: Verdict
}

/** Of writes behind, over all shards that this instance has heard of; `null`: nothing waits behind. */
export interface QueueMetrics {
  readonly pattern: string
  readonly applied: number
  readonly superseded: number
  readonly retried: number
  readonly dead: number
  /** At most, as far as this instance knew of them: see the event `queue`. */
  readonly lost: number
  /** Of the store, by this instance, and how many of them failed. */
  readonly calls: number
  readonly failedCalls: number
  /** Writes in all these calls: each try of a write counts. */
  readonly attempts: number
  /** Writes in the last call; 0: there was none. */
  readonly batch: number
  /** How long calls took, those that failed too. */
  readonly callLatency: Pick<LatencyHistogram, 'p50Ms' | 'p95Ms' | 'p99Ms'>
  /** As the last event told. */
  readonly waiting: number
  /** Of the values that wait, as the shared tier said last. */
  readonly bytes: number
  readonly oldestMs: number
  /** The source takes nothing. */
  readonly away: boolean
}

export interface MetricsSnapshot {
  readonly cache: string
  readonly instance: string
  readonly at: number
  /** How long it has counted. */
  readonly forMs: number
  /** All patterns together, without a verdict of their own: `pattern` is `**`. */
  readonly total: PatternMetrics
  /** The most read first. */
  readonly patterns: readonly PatternMetrics[]
  /** Patterns that are counted as `other`, as far as they can be told apart; at most 20,000. */
  readonly otherPatterns: number
  readonly memory: {
    readonly entries: number
    readonly bytes: number
    readonly weight: number
    /** Share of the nearest bound that is used; `null`: none bounds it. */
    readonly filled: number | null
  }
  /** `null`: there is none, or it does not answer. `maxBytes` is `null` where nothing bounds it. */
  readonly shared: {
    readonly entries: number
    readonly bytes: number
    readonly maxBytes: number | null
  } | null
  /** Of following others' changes; `null`: nothing is shared. `blindMs` is `null` if it never was. */
  readonly coherence: {
    readonly shards: number
    readonly connected: number
    readonly blindMs: number | null
    readonly hints: number
    readonly gaps: number
    readonly follows: number
    readonly epochs: number
    /** How long changes of others took until they were known here, at most; `null`: none was heard of. */
    readonly delayP50Ms: number | null
    readonly delayP99Ms: number | null
  } | null
  readonly invalidations: {
    readonly total: number
    readonly local: number
    readonly external: number
    readonly remote: number
    readonly replayed: number
    readonly pending: number
    readonly perSecond: number
    readonly p50Ms: number | null
    readonly p99Ms: number | null
  }
  /** Breakers as they stand, of the shared tier (`*`) and of each source that was told of. */
  readonly breakers: readonly {
    readonly tier: 'shared' | 'source'
    readonly pattern: string
    readonly state: 'closed' | 'half-open' | 'open'
  }[]
  readonly queues: readonly QueueMetrics[]
  /** The last audit, and all since; `null`: none was made. */
  readonly audit: {
    readonly at: number
    readonly sampled: number
    readonly consistent: number
    readonly stale: number
    readonly unsure: number
    /** Of all since: 3 for 99.9 % consistent. */
    readonly nines: number
  } | null
  /** The last clean-up here; `null`: none was made. */
  readonly cleanUp: {
    readonly at: number
    readonly removed: number
    readonly before: number
    readonly after: number
    readonly durationMs: number
    readonly failuresInARow: number
  } | null
  readonly health: Health
  /** Thresholds that are crossed, also where health does not suffer by it. */
  readonly alerts: readonly Alert[]
}

/** What an instance left in the shared tier. */
export interface InstanceReport {
  readonly instance: string
  readonly at: number
  /** Of the reader's own instance. */
  readonly own: boolean
  /** With the 50 patterns that are read most. */
  readonly stats: MetricsSnapshot
}
