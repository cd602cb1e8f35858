/** What the tiers hold, what is still true of it, and what has made it go. */

import type { CoherenceState } from './coherence.ts'
import type { SharedUsage } from './shared-tier.ts'

export interface CacheUsage {
  readonly memory: { readonly entries: number; readonly bytes: number; readonly weight: number }
  /** `undefined`: there is none, or it does not answer now. */
  readonly shared: SharedUsage | undefined
  /** How this process follows the changes of others. */
  readonly coherence: CoherenceState | undefined
  /** Of this process and, as far as it hears of them, of the others; since the cache was made. */
  readonly invalidations: InvalidationStatistics
}

/**
 * Invalidations in numbers, counted as in `count` of their events: each key, tag, pattern, collection
 * and clear is one. A value that another instance sets or writes is one too, as copies of it must go;
 * own ones are calls that invalidate. Gaps stand in `coherence`.
 */
export interface InvalidationStatistics {
  /** `local`, `external`, `remote` and `replayed` together. */
  readonly total: number
  /** Asked for here, also where the shared tier has yet to be told. */
  readonly local: number
  /** Of changes at the source that this process was told of, by `onExternalChange` or an outbox. */
  readonly external: number
  /** Heard from other instances; where no messages are heard, found by following. */
  readonly remote: number
  /** Found by following, and told by no message within a second. */
  readonly replayed: number
  /** Of all, on average over the last 10 s, the second that has begun included. */
  readonly perSecond: number
  /**
   * How long the last 1,000 own ones took from the call to the shared tier's answer, which is
   * `durationMs` of their events. Not how long others took to hear of them: messages carry no time.
   * `undefined`: none has been carried out yet.
   */
  readonly latency: { readonly p50Ms: number; readonly p99Ms: number } | undefined
}

/** What became of a sample of the copies in this process. */
export interface AuditReport {
  readonly sampled: number
  readonly consistent: number
  /** Served although the source had moved on, for longer than `withinMs`. */
  readonly stale: number
  /** The source or the tier had nothing to compare with, or moved meanwhile. */
  readonly unsure: number
  readonly withinMs: number
  /** Of those that could be judged: 3 for 99.9 % consistent; with none stale, what so many can show. */
  readonly nines: number
}
