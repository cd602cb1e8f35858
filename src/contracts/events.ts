/**
 * What a cache tells: metrics, logs and the dashboard are made of these alone.
 *
 * A key never stands in an event; `pattern` is the collection with a star (`product:*`). Of plain keys it
 * is what they have in common, as far as that is learned (`report:*`), `*` where nothing is, or `other`
 * beyond the limit of `metrics.patterns`. Closed set; a new member is a minor release.
 */

import type { CleanUpReport } from './clean-up.ts'
import type { UndecodableReason } from './codec.ts'
import type { HealthCode, HealthState } from './health.ts'
import type { MissCause } from './key-watch.ts'
import type { CacheMode } from './mode.ts'
import type { PastForecast } from './warming.ts'

/** Why an entry left a tier. Closed set. */
export type RemovalCause = 'deleted' | 'replaced' | 'expired' | 'evicted' | 'invalidated'

export type CacheEvent =
  | ReadsEvent
  | AnswersEvent
  | LatencyEvent
  | AlertEvent
  | LoadEvent
  | StaleEvent
  | UnansweredEvent
  | WriteEvent
  | RemovalEvent
  | InvalidationEvent
  | UndecodableEvent
  | CompressionEvent
  | TierFailureEvent
  | ConnectionEvent
  | AuditEvent
  | QueueEvent
  | QueueStatusEvent
  | StoreCallEvent
  | OldVersionsEvent
  | CleanUpEvent
  | CleanUpFailedEvent
  | WarmingEvent
  | ForecastEvent
  | ModeEvent
  | ShadowEvent

/** Reads since the last such event, counted exactly; hits reach listeners as aggregates only. */
export interface ReadsEvent {
  readonly type: 'reads'
  readonly tier: 'memory' | 'shared'
  readonly pattern: string
  readonly hits: number
  readonly misses: number
  /** Calls that failed or were not answered in time; in `memory` always 0. */
  readonly errors: number
}

/**
 * Reads since the last such event as their callers see them, each once: a tier has answered, or none has.
 * Told together with `reads`, which counts what each tier was asked.
 */
export interface AnswersEvent {
  readonly type: 'answers'
  readonly pattern: string
  readonly hits: number
  readonly misses: number
  /** Why they were misses, of a sample of the keys. */
  readonly causes: Readonly<Record<MissCause, number>>
}

/**
 * How long calls took. Reads that this process answers are a sample, those that one tick gathers for the
 * shared tier are told together: `count` is what the time stands for.
 */
export interface LatencyEvent {
  readonly type: 'latency'
  readonly pattern: string
  readonly operation: 'get'
  /** The one that answered; of `source`, a miss. */
  readonly tier: 'memory' | 'shared' | 'source'
  readonly count: number
  /** Of each of them, within 1.5 %. */
  readonly durationMs: number
}

/** A threshold was crossed, or the value has come back by a tenth of it. */
export interface AlertEvent {
  readonly type: 'alert'
  readonly code: HealthCode
  /** What it is about; `*`: the cache. */
  readonly pattern: string
  readonly state: 'raised' | 'cleared'
  readonly value: number
  readonly threshold: number
  /** Of the cache while it is raised; `healthy`: it does not suffer by it. */
  readonly health: HealthState
  /** What was measured, and what it was measured against. */
  readonly message: string
  /** What to do; empty once it is cleared. */
  readonly cure: string
}

/** One load of one key has ended. */
export interface LoadEvent {
  readonly type: 'load'
  readonly pattern: string
  /** `fenced`: the value was handed out and not kept, since the key changed meanwhile. */
  readonly outcome: 'loaded' | 'absent' | 'uncached' | 'failed' | 'fenced'
  /** The loader alone, without waiting for its turn. */
  readonly durationMs: number
  /** `ahead`: of an entry that is still served. `warming`: before anyone has asked. */
  readonly reason: 'miss' | 'refresh' | 'ahead' | 'warming'
  readonly error: unknown
}

/** A value past its freshness was served, inside its grace. */
export interface StaleEvent {
  readonly type: 'stale'
  readonly pattern: string
  readonly reason: 'load-slow' | 'load-failed' | 'load-elsewhere'
}

/**
 * A read got an error: neither a tier nor the source has answered it, and nothing graced was at hand. A
 * `refresh` is no read.
 */
export interface UnansweredEvent {
  readonly type: 'unanswered'
  readonly pattern: string
  /** `load-slow`: at its hard timeout. `load-failed`: also where the source was not asked, as it rests. */
  readonly reason: 'load-slow' | 'load-failed'
  /** What the caller got. */
  readonly error: unknown
}

/** Values were put into the cache, or the source was written through it. */
export interface WriteEvent {
  readonly type: 'write'
  readonly pattern: string
  /** `fill`: a loaded value on its way into the shared tier; told only where it failed. */
  readonly kind: 'set' | 'create' | 'put' | 'remove' | 'fill'
  readonly outcome: 'done' | 'failed'
  readonly count: number
  readonly durationMs: number
  readonly error: unknown
}

/** Entries left a tier. */
export interface RemovalEvent {
  readonly type: 'removal'
  readonly tier: 'memory' | 'shared'
  readonly pattern: string
  readonly cause: RemovalCause
  readonly count: number
}

/** Entries were made unservable, by key, tag, collection or all at once. */
export interface InvalidationEvent {
  readonly type: 'invalidation'
  readonly kind: 'keys' | 'tags' | 'pattern' | 'collection' | 'clear' | 'expire'
  /**
   * `external`: this process was told of a change at the source, by `onExternalChange` or an outbox.
   * `remote`: heard from another instance, also of a value that it has set; where no messages are heard,
   * found by following. `replayed`: found by following, and no message has told it within a second. Of
   * keys a follow tells no more than that there is one: its pattern is `*`.
   */
  readonly origin: 'local' | 'external' | 'remote' | 'replayed'
  readonly pattern: string
  readonly count: number
  /** `pending`: the shared tier could not be reached; it is tried again until it is done. */
  readonly state: 'done' | 'pending'
  /** Of `local` and `external` ones; 0 of the others, which took place elsewhere. */
  readonly durationMs: number
}

/** Bytes in the shared tier that are a miss: broken, foreign, or refused by the schema. */
export interface UndecodableEvent {
  readonly type: 'undecodable'
  readonly pattern: string
  readonly reason: UndecodableReason
  readonly error: unknown
}

export interface CompressionEvent {
  readonly type: 'compression'
  readonly pattern: string
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly durationMs: number
}

/** The shared tier failed or did not answer in time; the call went on without it. */
export interface TierFailureEvent {
  readonly type: 'tier-failure'
  readonly tier: 'shared'
  readonly operation: string
  readonly error: unknown
}

/** How this process stands to the shared tier, or to a source; told when it changes. */
export interface ConnectionEvent {
  readonly type: 'connection'
  readonly tier: 'shared' | 'source'
  /** Of a source, its collection; `*` for the shared tier. */
  readonly pattern: string
  /**
   * `followed` and `blind`: whether changes of others reach this process. `open`, `half-open` and
   * `closed`: of the circuit breaker; while it is open nothing is asked.
   */
  readonly state: 'followed' | 'blind' | 'open' | 'half-open' | 'closed'
  readonly reason: string
}

/** A sample of the copies in this process was compared with the shared tier and the source. */
export interface AuditEvent {
  readonly type: 'audit'
  readonly sampled: number
  readonly consistent: number
  readonly stale: number
  readonly unsure: number
  readonly withinMs: number
  readonly nines: number
}

/** What has become of writes that wait for the source. */
export interface QueueEvent {
  readonly type: 'queue'
  readonly pattern: string
  /**
   * `applied`: the source has them. `superseded`: it has something newer. `retried`: tried again on their
   * own account. `dead`: given up; see the dead letters. `away`: nothing reached the source, which is tried
   * again; at most once in 10 s for each queue. `lost`: the shared tier has begun anew and has fewer writes
   * than it had; `count` of them at most, told by each instance that knew of them; or, with an `error`, there
   * were more dead letters than are kept, and so many were forgotten.
   */
  readonly state: 'applied' | 'superseded' | 'retried' | 'dead' | 'away' | 'lost'
  readonly count: number
  /** In the shard of the queue. */
  readonly waiting: number
  /** Of the oldest that was at hand. */
  readonly oldestMs: number
  /** Of `dead`, in words, the first of several; of `away`, what the store threw. */
  readonly error: unknown
}

/** How a queue of writes stands over all shards, as the shared tier said when somebody asked. */
export interface QueueStatusEvent {
  readonly type: 'queue-status'
  readonly pattern: string
  readonly waiting: number
  readonly oldestMs: number
  readonly deadLetters: number
}

/** A store was called with writes that have waited for it. */
export interface StoreCallEvent {
  readonly type: 'store-call'
  readonly pattern: string
  /** `failed`: it threw, took too long, or was given up at a close; nobody knows what it has done then. */
  readonly outcome: 'answered' | 'failed'
  /** In this call; the tries of a write are the calls that it was in. */
  readonly writes: number
  readonly durationMs: number
  /** Of `failed`. */
  readonly error: unknown
}

/** Entries of older versions are being removed from the shared tier, by one instance. */
export interface OldVersionsEvent {
  readonly type: 'old-versions'
  readonly pattern: string
  /** `running`: about once a second. `stopped`: it may be gone on with. */
  readonly state: 'begun' | 'running' | 'done' | 'stopped'
  /** Versions below this one are removed. */
  readonly below: number
  /** These three with what was done before it was interrupted. */
  readonly scanned: number
  readonly removed: number
  readonly newer: number
  /** Since it was begun, or gone on with. */
  readonly durationMs: number
}

/** Entries that nobody had read were looked for, by this process. */
export interface CleanUpEvent extends CleanUpReport {
  readonly type: 'clean-up'
  readonly pattern: string
}

/** A clean-up of this process was given up: the tier did not answer, for instance. */
export interface CleanUpFailedEvent {
  readonly type: 'clean-up-failed'
  readonly pattern: string
  readonly error: unknown
}

/** How far one warming of a collection has come. While it lasts, it is told every half a second. */
export interface WarmingEvent {
  readonly type: 'warming'
  readonly pattern: string
  /**
   * `call`: `warm()` was called. `hot`: hot keys are renewed; told where one was, or failed. `forecast`:
   * what the next hour is expected to read.
   */
  readonly reason: 'start' | 'schedule' | 'hot' | 'call' | 'forecast'
  /**
   * `failed`: what asks for the keys has failed. `missed`: no instance has carried out `ticks` ticks of a
   * schedule in time, since all slept or were busy, or since the shared tier did not answer.
   */
  readonly state: 'begun' | 'progress' | 'done' | 'cancelled' | 'failed' | 'missed'
  readonly loaded: number
  /** Had a fresh entry, or were being loaded elsewhere. */
  readonly fresh: number
  readonly absent: number
  readonly failed: number
  /** All keys there are, where that is known beforehand. */
  readonly expected: number | undefined
  readonly elapsedMs: number
  /** Of `missed`. */
  readonly ticks: number
  /** The first, of keys that failed or of what asks for them. */
  readonly error: unknown
}

/** An hour with a forecast has ended, and what came was compared with it. */
export interface ForecastEvent extends PastForecast {
  readonly type: 'forecast'
  readonly pattern: string
  /**
   * `scored`: each hour, also while nothing is warmed by it. `switched`: from now on forecasts are carried
   * out, or are not any more, by what this hour has added to the ones before.
   */
  readonly state: 'scored' | 'switched'
  readonly on: boolean
}

/** A collection, or plain keys, does something else with its entries from now on. */
export interface ModeEvent {
  readonly type: 'mode'
  readonly pattern: string
  readonly mode: CacheMode
  readonly before: CacheMode
  /** `fleet`: all instances were switched, by this one or another. */
  readonly scope: 'instance' | 'fleet'
}

/** A hit was compared with the source. What changed while that was loaded is not told. */
export interface ShadowEvent {
  readonly type: 'shadow'
  readonly pattern: string
  /** `failed`: the source could not be asked, or both could not be compared. */
  readonly outcome: 'same' | 'different' | 'failed'
  readonly count: number
}

/** Receives each event as it happens; must not throw, must return at once. */
export type Report = (event: CacheEvent) => void
