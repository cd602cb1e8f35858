/**
 * Filling the cache before anyone asks: what users say about it, and what they are told.
 *
 * All of it shares one budget, and goes through the same loads, leases and fills as a read, so that
 * nothing warmed can overwrite something newer.
 */

import type { Priority } from './codec.ts'
import type { Duration, EntryOptions } from './options.ts'
import type { CacheKey } from './source.ts'

/** The budget of all warming of a cache in this process. */
export interface WarmingOptions {
  /** Batches under way at once, over all collections. @default 1 */
  readonly concurrency?: number
  /**
   * Keys in one batch at most, and in one `loadMany`. More is faster; readers wait longer for the thread
   * and the connection that they share with it. @default 20
   */
  readonly batch?: number
  /** Keys that are loaded in a second at most, over all collections. @default 20000 */
  readonly perSecond?: number
  /**
   * Share of the calls that a source allows at once. While readers' loads take more than that, or one of
   * them waits for its turn, nothing of that source is warmed. @default 0.5
   */
  readonly yieldAt?: number
  /** A source whose calls take more than so many times their usual time is left alone. @default 2 */
  readonly restAt?: number
}

/**
 * What to warm: keys, which are loaded from the source; or keys with their values, which are stored
 * where nothing has changed since the iteration began, and loaded otherwise.
 */
export type WarmItems<K, V> = Iterable<K | readonly [K, V]> | AsyncIterable<K | readonly [K, V]>

/** Asks for what to warm, for instance by a query. `signal` aborts when the cache is closed. */
export type WarmQuery<K, V> = (context: {
  readonly signal: AbortSignal
}) => WarmItems<K, V> | Promise<WarmItems<K, V>>

/** How the entries of one collection are kept warm. Each part is off unless it is given. */
export interface CollectionWarming<K extends CacheKey, V> {
  /** Once, when the collection is declared and the shared tier is open. */
  readonly start?: StartWarming<K, V>
  /** At fixed times; each tick is carried out by one instance. At most 16. */
  readonly schedule?: ScheduledWarming<K, V> | readonly ScheduledWarming<K, V>[]
  /** Refreshes hot keys before they expire, whether or not anyone asks in that moment. */
  readonly hot?: HotWarming<K, V> | 'on'
  /** A longer life for what is read often, from its next load or store on. */
  readonly heat?: HeatOptions | 'on'
  /**
   * Loads before each hour begins what it is expected to read, by the same hour of the days before. Goes
   * by what it is worth: it loads nothing while it is no better than what was read last.
   */
  readonly predict?: PredictWarming | 'on'
}

/** Its entry options are those of what is loaded: warmed entries may have a life of their own. */
export interface StartWarming<K extends CacheKey, V> extends EntryOptions {
  /** `'hottest'`: the keys that were read most before, by all instances, as the shared tier keeps them. */
  readonly from: WarmQuery<K, V> | 'hottest'
  /** Whether `cache.ready()` waits until it has ended, well or not. @default 'at-once' */
  readonly ready?: 'at-once' | 'when-warm'
}

export interface ScheduledWarming<K extends CacheKey, V> extends EntryOptions {
  /** `cron('0 * * * *')` of `tiercel/warming`, or anything that knows its next time. */
  readonly at: Schedule
  /** `'cached'`: every key that has an entry. What it names is loaded anew. */
  readonly from: WarmQuery<K, V> | 'cached'
}

/** Times at which something is to be done. Must be quick and must not throw. */
export interface Schedule {
  /** The first time after `after`, both in epoch milliseconds; `undefined`: none. */
  next(after: number): number | undefined
}

export interface HotWarming<K extends CacheKey, V> {
  /** @default '1m' */
  readonly every?: Duration
  /** `'reads'`: those that this process is asked for most. @default 'reads' */
  readonly from?: WarmQuery<K, V> | 'reads'
  /** Keys that are looked at each time, at most. @default 1000 */
  readonly keys?: number
}

export interface HeatOptions {
  /** Reads of a key in the last hour, by this process, that make it hot. @default 100 */
  readonly reads?: number
  /** Its life then, where it would be shorter. @default '2h' */
  readonly ttl?: Duration
  /** Its priority then, where it would be lower. @default 'high' */
  readonly priority?: Priority
}

/** Its entry options are those of what is loaded: what lives longer serves more of the hour. */
export interface PredictWarming extends EntryOptions {
  /** Keys that are loaded for one hour, at most. Eight times as many are remembered, 1,000 at least. @default 1000 */
  readonly keys?: number
  /** Reads by this process, in the hour, below which a key is not worth a load. @default 0.5 */
  readonly reads?: number
  /**
   * How long before the hour: from 1 s to 30 min, and never more than half of what an entry lives, or it
   * would be gone when the hour begins. @default '5m'
   */
  readonly lead?: Duration
}

/** What the next hour is expected to read, and how good such forecasts were. */
export interface Forecast<K> {
  /** When the hour begins, in epoch milliseconds. */
  readonly startsAt: number
  /** Whether forecasts are carried out: they are, while they are better than what was read last. */
  readonly on: boolean
  /** By this process, the most reads first; empty until an hour was seen. */
  readonly expected: readonly { readonly key: K; readonly reads: number }[]
  /** Hours whose forecast was compared with what came. Nothing is switched on before the 24th. */
  readonly hours: number
  /** Of the last 24 hours that had a forecast, the latest first; not those before a restart. */
  readonly past: readonly PastForecast[]
  /** Memory that is held for it, about, without the text of the keys. */
  readonly sizeBytes: number
}

/** One hour: its forecast beside two lists of as many keys that know nothing of the time of day. */
export interface PastForecast {
  /** In epoch milliseconds. */
  readonly startsAt: number
  readonly forecast: ForecastAccuracy
  /** What was read most in the hour before. */
  readonly lastHour: ForecastAccuracy
  /** What is read most at any hour. */
  readonly steady: ForecastAccuracy
}

export interface ForecastAccuracy {
  /** Of the keys that were named, the share that was read: loads that were not wasted. From 0 to 1. */
  readonly precision: number
  /** Of the reads that as many keys could have met, the share that these met. From 0 to 1. */
  readonly recall: number
}

/** Of one call. Its entry options are those of what is loaded. */
export interface WarmOptions extends EntryOptions {
  /** `missing`: only what has no fresh entry. `all`: everything anew. @default 'missing' */
  readonly load?: 'missing' | 'all' | undefined
  /** Ends it; what was warmed stays. */
  readonly signal?: AbortSignal | undefined
}

/** What a warming has come to. */
export interface WarmReport {
  /** `cancelled`: by `close()` or its signal. */
  readonly outcome: 'done' | 'cancelled'
  /** Keys that were loaded or stored. */
  readonly loaded: number
  /** Keys that had a fresh entry, or that somebody else was loading. */
  readonly fresh: number
  /** Keys that the source does not have. */
  readonly absent: number
  readonly failed: number
  readonly durationMs: number
}
