/**
 * What `core/` tells `warming/` of a collection, and what it is asked to do for it.
 *
 * `warming/` decides what is warmed, and when; loading, storing and all that keeps an older value from
 * replacing a newer one are `core/`'s. Implemented in `core/warm-target.ts`.
 */

import type { HotKeys } from './hot-keys.ts'
import type { EntryOptions } from './options.ts'
import type { CacheKey } from './source.ts'
import type {
  Forecast,
  Schedule,
  ScheduledWarming,
  StartWarming,
  WarmItems,
  WarmOptions,
  WarmQuery,
  WarmReport,
} from './warming.ts'

/** One call of a source that has ended. */
export interface SourceCall {
  readonly keys: number
  readonly durationMs: number
  readonly failed: boolean
}

/** How busy a source is with what readers wait for. */
export interface SourcePressure {
  /** Calls at once that it allows; `Infinity` where there is no source. */
  readonly limit: number
  /** Calls that readers wait for: under way, or waiting for their turn. */
  readonly foreground: number
  /** Calls that wait for their turn, whoever asked. */
  readonly waiting: number
  /** Is called for each call that has ended, of readers and of warming; replaces the one before. */
  listen(listener: (call: SourceCall) => void): void
}

/** Of so many keys, what has become of each. */
export interface WarmTally {
  readonly loaded: number
  readonly fresh: number
  readonly absent: number
  readonly failed: number
  /** The first. */
  readonly error: unknown
}

/** How far each shard was followed before anything was asked for; opaque. */
export type WarmMark = { readonly __brand: 'WarmMark' }

export interface WarmJob {
  readonly load: 'missing' | 'all'
  readonly options: EntryOptions
  readonly signal: AbortSignal
  /** Taken before the values that come with the items were asked for. */
  readonly mark: WarmMark
}

export type WarmItem = CacheKey | readonly [CacheKey, unknown]

export interface WarmTarget {
  readonly collection: string
  /** How the collection is called in events. */
  readonly pattern: string
  /** Keys in one batch at most. */
  readonly batch: number
  readonly pressure: SourcePressure
  /** Absent: reads are not counted. */
  readonly hotKeys: HotKeys<CacheKey> | undefined
  /** Resolves when the shared tier can be used. @throws what a person has to change; ClosedError */
  opened(): Promise<void>
  /** When the tier has been followed, if it can be. */
  mark(): Promise<WarmMark>
  /**
   * Those that `renew` would load, if nobody else does; loads nothing. `copies`: this process keeps copies
   * of the others, so that it need not ask for them again. Never rejects.
   */
  ending(
    keys: readonly CacheKey[],
    look: { readonly withinMs: number; readonly copies: boolean },
  ): Promise<readonly CacheKey[]>
  /** Never rejects: what went wrong is in the tally. */
  warm(items: readonly WarmItem[], job: WarmJob): Promise<WarmTally>
  /**
   * Loads those anew whose life ends within `withinMs` and the time that a load takes, once across all
   * processes. `fresh` counts what lives longer, and what another process is loading.
   */
  renew(
    keys: readonly CacheKey[],
    job: {
      readonly withinMs: number
      readonly signal: AbortSignal
      /** Of what is loaded, over those of the collection. */
      readonly options?: EntryOptions
    },
  ): Promise<WarmTally>
  /** Every key that has an entry. */
  cached(signal: AbortSignal): AsyncIterable<CacheKey>
  /** The right to do something alone among all processes, for `ttlMs`. `false`: somebody else has it. */
  claim(name: string, ttlMs: number): Promise<boolean>
  /** What `remember` was told by any process, the hottest first. */
  recall(): Promise<readonly HotRow[]>
  remember(rows: readonly HotRow[]): Promise<void>
  /** What `keepForecast` was last told by any process. @throws TierError */
  recallForecast(): Promise<string | undefined>
  keepForecast(state: string): Promise<void>
}

/** A key, and its reads in an hour. */
export interface HotRow {
  readonly key: CacheKey
  readonly reads: number
}

/** `CollectionWarming`, checked; durations in milliseconds. */
export interface WarmPlan {
  readonly start: StartPlan | undefined
  readonly schedule: readonly SchedulePlan[]
  readonly hot: HotPlan | undefined
  readonly predict: PredictPlan | undefined
}

export interface StartPlan {
  readonly from: StartWarming<CacheKey, unknown>['from']
  readonly options: EntryOptions
  readonly blocksReady: boolean
}

export interface SchedulePlan {
  readonly at: Schedule
  readonly from: ScheduledWarming<CacheKey, unknown>['from']
  readonly options: EntryOptions
}

export interface HotPlan {
  readonly everyMs: number
  readonly from: WarmQuery<CacheKey, unknown> | 'reads'
  readonly keys: number
}

export interface PredictPlan {
  /** That are loaded for one hour. */
  readonly keys: number
  readonly leastReads: number
  readonly leadMs: number
  /** What is loaded lives so long. */
  readonly ttlMs: number
  readonly options: EntryOptions
}

/** Implemented in `warming/`, made by `createCache`. */
export interface Warming {
  /** Keeps the collection warm as planned, from now on. */
  add(target: WarmTarget, plan: WarmPlan): void
  /** Never rejects but for what `items` throws. */
  warm(
    target: WarmTarget,
    items: WarmItems<CacheKey, unknown>,
    options: WarmOptions,
  ): Promise<WarmReport>
  /**
   * Carries out the start and the schedules that were planned with `add` again; who calls meanwhile waits
   * for the same. @throws what the queries throw
   */
  again(target: WarmTarget): Promise<WarmReport>
  /** `undefined`: nothing is forecast, or not yet. */
  forecast(target: WarmTarget, limit: number): Forecast<CacheKey> | undefined
  /** Resolves when every start that readiness waits for has ended, well or not. */
  ready(): Promise<void>
  /** Cancels what is under way, and resolves when it has ended. */
  close(): Promise<void>
}
