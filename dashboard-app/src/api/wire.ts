/**
 * What the admin API answers, as far as the pages read it. Statistics have the types of `tiercel` itself;
 * the rest is JSON that the API makes of what a cache tells.
 */

import type { CacheMode, Verdict, Workload } from 'tiercel'

/** One line of `GET patterns`. */
export interface PatternLine {
  readonly pattern: string
  readonly workload: Workload | null
  readonly hits: number
  readonly misses: number
  readonly total: number
  readonly hitRate: number | null
  readonly averageLatencyMs: number | null
  readonly verdict: Verdict['grade']
  readonly advice: string
  readonly cause: Verdict['cause']
  readonly contradiction: string
}

/** One of `GET collections`. */
export interface CollectionLine {
  readonly name: string
  readonly pattern: string
  readonly workload: Workload | null
  readonly version: number
  readonly ttlMs: number | null
  readonly memoryTtlMs: number | null
  readonly graceMs: number
  readonly writes: { readonly create: string; readonly put: string; readonly remove: string } | null
  readonly behind: boolean
  readonly predicts: boolean
  readonly warms: boolean
  readonly mode: CacheMode
  readonly shadowShare: number
}

/** `GET entry`: where one key is, and what it lives by. */
export interface EntryAnswer {
  /** Empty: plain keys. */
  readonly collection: string
  readonly key: string
  readonly keyType: string
  readonly found: boolean
  readonly entry: EntryReport | null
  /** `null` where values are hidden. */
  readonly value: { readonly json: string; readonly truncated: boolean } | null
}

/** What one tier has. Instants are epoch milliseconds; `null`: without an end. */
export interface CopyReport {
  readonly ageMs: number
  readonly freshUntil: number | null
  readonly graceUntil: number | null
  readonly sizeBytes: number
}

/** Its times are those of the shared tier, if that has it. */
export interface EntryReport extends CopyReport {
  readonly tiers: readonly ('memory' | 'shared')[]
  readonly memory: CopyReport | null
  readonly shared: CopyReport | null
  /** `null`: it was set. */
  readonly loadMs: number | null
  readonly tags: readonly string[]
  readonly schemaVersion: number
  readonly absent: boolean
  /** It is a write that waits for the source. */
  readonly pending: boolean
}

export interface InvalidateAnswer {
  /** `null`: they were not counted. */
  readonly matched: number | null
  /** `false`: there was no time to count all. */
  readonly complete: boolean
  readonly state: 'done' | 'pending' | 'dry-run'
  readonly durationMs: number
}

export interface SessionAnswer {
  readonly role: 'read' | 'write'
}

/** Pushed as `invalidation`: those of one kind within a tenth of a second are one line. */
export interface InvalidationLine {
  readonly at: number
  readonly kind: string
  readonly origin: string
  readonly pattern: string
  readonly count: number
  readonly calls: number
  readonly state: string
  readonly durationMs: number
}

/** Of all instances; `null` where the shared tier cannot be asked. */
export interface QueueLine {
  readonly collection: string
  readonly waiting: number | null
  readonly bytes: number | null
  readonly oldestMs: number | null
  readonly deadLetters: number | null
  /** Why it could not be asked; otherwise empty. */
  readonly error: string
}

/** Pushed as `queue`: what has become of writes; those of one state within a tenth of a second are one line. */
export interface BatchLine {
  readonly at: number
  readonly pattern: string
  readonly state: 'applied' | 'superseded' | 'retried' | 'dead' | 'away' | 'lost'
  readonly count: number
  readonly waiting: number
  readonly oldestMs: number
  /** Its class alone. */
  readonly error: string
}

export interface DeadLetterLine {
  readonly key: string
  readonly keyType: string
  readonly kind: string
  readonly error: string
  readonly attempts: number
  readonly diedAt: number
  readonly id: string
}

/** Pushed as `warming`, and the runs of `GET warmings`. */
export interface WarmingLine {
  readonly at: number
  readonly pattern: string
  readonly reason: string
  readonly state: string
  readonly loaded: number
  readonly fresh: number
  readonly absent: number
  readonly failed: number
  readonly expected: number | null
  readonly elapsedMs: number
}

export interface Accuracy {
  readonly precision: number
  readonly recall: number
}

export interface ForecastReport {
  readonly startsAt: number
  readonly on: boolean
  readonly expected: readonly { readonly key: string; readonly reads: number }[]
  readonly hours: number
  readonly past: readonly {
    readonly startsAt: number
    readonly forecast: Accuracy
    readonly lastHour: Accuracy
    readonly steady: Accuracy
  }[]
  readonly sizeBytes: number
}

export interface ForecastLine {
  readonly collection: string
  /** `null`: what was learned before is not known yet. */
  readonly forecast: ForecastReport | null
}

/** Pushed as `audit`: somebody has changed something, or was refused. */
export interface AuditLine {
  readonly number: number
  readonly at: number
  readonly action: string
  readonly role: string
  readonly via: string
  readonly collection: string
  readonly what: string
  readonly count: number
  readonly names: readonly string[]
  readonly outcome: string
  readonly durationMs: number
}

/** Pushed as `alert`. */
export interface AlertLine {
  readonly at: number
  readonly code: string
  readonly pattern: string
  readonly state: 'raised' | 'cleared'
  readonly message: string
  readonly cure: string
}
