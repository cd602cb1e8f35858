/**
 * Who hears all that a cache tells, and answers what came of it. `core/` asks, `metrics/` answers; it
 * knows of the cache what events tell, and what stands here.
 */

import type { CacheEvent } from './events.ts'
import type { Health } from './health.ts'
import type { WatchKeys } from './key-watch.ts'
import type { MetricsSnapshot, Workload } from './metrics.ts'
import type { CacheUsage } from './usage.ts'
import type { QueueSight } from './write-behind.ts'

/** What is declared of a collection, or of plain keys. */
export interface DeclaredPattern {
  readonly pattern: string
  /** `undefined`: none was declared. */
  readonly workload: Workload | undefined
  /** Life of its entries; `Infinity`: without an end. */
  readonly ttlMs: number
}

/** What there is now, which no event tells. */
export interface Observed extends CacheUsage {
  /** Invalidations that wait for the shared tier. */
  readonly pending: number
  /** Of writes that wait for the source. */
  readonly queues: readonly QueueSight[]
}

/** How the cache is looked at between events. */
export interface Sight {
  /** As far as it can be told at once. */
  now(): Observed
  /** Tells of what was read since the last time. */
  tellReads(): void
}

export interface Observer {
  /** `undefined`: nothing is learned. */
  readonly keys: WatchKeys | undefined
  /** Hears each event; must not throw, must return at once. */
  hear(event: CacheEvent): void
  /** `undefined`: nothing is counted. */
  snapshot(usage: Observed): MetricsSnapshot | undefined
  health(usage: Observed): Health
  /** Crossed thresholds are told from now on, by events. */
  start(sight: Sight): void
  /** Patterns of queues that dead letters were told of; whether they still have them is to be asked. */
  readonly withDeadLetters: readonly string[]
  /** Tells nothing any more. */
  close(): void
}
