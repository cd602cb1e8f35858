/** How the cache is, in words that a person on call can act on. JSON as it stands. */

import type { Duration } from './options.ts'

/**
 * `degraded`: it serves, with less than it promises, or something needs a person soon. `unhealthy`:
 * reads fail, or acknowledged writes are in danger.
 */
export type HealthState = 'healthy' | 'degraded' | 'unhealthy'

/** Closed set; a new member is a minor release. */
export type HealthCode =
  | 'shared-away'
  | 'shared-blind'
  | 'source-away'
  | 'hit-rate'
  | 'memory-full'
  | 'shared-full'
  | 'clean-up-failing'
  | 'queue-age'
  | 'queue-full'
  | 'dead-letters'
  | 'stale-copies'
  | 'shadow-differs'
  | 'closed'

export interface HealthReason {
  readonly code: HealthCode
  /** What it is about; `*`: the cache, or plain keys; `**`: all that is read. */
  readonly pattern: string
  readonly state: Exclude<HealthState, 'healthy'>
  /** What was measured, and what it was measured against. */
  readonly message: string
  /** What to do. */
  readonly cure: string
  /** Epoch milliseconds. */
  readonly since: number
}

/** A threshold that is crossed. */
export interface Alert {
  readonly code: HealthCode
  /** What it is about; `*`: the cache. */
  readonly pattern: string
  readonly value: number
  readonly threshold: number
  readonly message: string
  readonly cure: string
  /** Epoch milliseconds. */
  readonly since: number
}

export interface Health {
  readonly state: HealthState
  /** The worst first. */
  readonly reasons: readonly HealthReason[]
}

/**
 * Thresholds of alerts; `'off'` switches one off. An alert is raised when its threshold is crossed, and
 * cleared when the value has come back by a tenth of it.
 */
export interface AlertOptions {
  /** Hit rate of the whole cache, over the last minutes; a share of 1. @default 0.7 */
  readonly hitRate?: number | 'off'
  /** Hit rate of a pattern below "fair" of its workload. @default 'on' */
  readonly patternHitRate?: 'on' | 'off'
  /** Reads in the last minutes before a hit rate counts. @default 1000 */
  readonly minReads?: number
  /** Share of a bound of the memory tier or the shared tier that is used. @default 0.8 */
  readonly size?: number | 'off'
  /** Clean-ups that failed in a row. @default 3 */
  readonly cleanUpFailures?: number | 'off'
  /** Age of the oldest write that waits. @default '1m' */
  readonly queueAge?: Duration | 'off'
  /** Dead letters. @default 1 */
  readonly deadLetters?: number | 'off'
}
