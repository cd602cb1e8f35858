/**
 * Carrying out writes that wait: what `core/` tells `write-behind/` of a collection, and what it asks.
 *
 * Implemented in `write-behind/`, made by `createCache`.
 */

import type { ConflictMerge } from './conflict-policy.ts'
import type { PendingRecord } from './pending-steps.ts'
import type { CacheKey, Store, StoreWrite } from './source.ts'

/** How the writes of a collection reach its store. Times in milliseconds. */
export interface DrainPlan {
  /** Writes in one call of the store at most. */
  readonly batch: number
  /** Bytes of their values at most. */
  readonly batchBytes: number
  /** Tries that a write is given on its own account, before it is a dead letter. */
  readonly attempts: number
  /** What the store may take for one call. */
  readonly storeMs: number
}

/** `undefined`: it is left to others. */
export type WaitingStoreWrite = StoreWrite<CacheKey, unknown> | undefined

/** A collection whose writes wait. */
export interface DrainTarget {
  readonly collection: string
  /** How the collection is called in events. */
  readonly pattern: string
  readonly store: Store<CacheKey, unknown>
  readonly plan: DrainPlan
  /** What to write where the store answers `conflict`; `undefined`: such a write is given up. */
  readonly merge: ConflictMerge<CacheKey, unknown>['merge'] | undefined
  /**
   * The write as the store takes it, at once where nothing has to be waited for; `undefined`: only another
   * release can read it. @throws, or rejects, where nobody can read it any more.
   */
  readonly writeOf: (record: PendingRecord) => WaitingStoreWrite | Promise<WaitingStoreWrite>
  /** Called when the store has a write that makes entries with these tags stale. */
  readonly removeTags: (tags: readonly string[]) => Promise<void>
  /** Called when what reads have found under these ids is gone: copies here leave without a message. */
  readonly forget: (ids: readonly string[]) => void
}

/**
 * What became of the writes that waited when the cache was closed: of its queues, whichever instance queued
 * them. Where this is the only instance, and all queues could be asked, the three add up to those that
 * waited when it began.
 */
export interface DrainReport {
  /**
   * Taken out of the queues since, to the source or as superseded: by this instance, or, where that are more,
   * so many as wait no longer. Writes that other instances have queued meanwhile can hide some of the latter.
   */
  readonly flushed: number
  /** Kept by the shared tier, for whoever takes them next; those of instances that go on too. */
  readonly remaining: number
  /** Given up by this instance since. */
  readonly deadLettered: number
  /**
   * Queues, one for each collection in each shard, that could not be asked at the end. Each of them counts
   * in `remaining` with what waited in it when it answered last, this instance's own writes among it.
   */
  readonly unknown: number
}

/** A queue over all shards, as far as it is known in this process. */
export interface QueueSight {
  readonly pattern: string
  readonly waiting: number
  /** Of their values, as the shared tier said last. */
  readonly bytes: number
  /** Of the oldest write; `undefined`: another instance carries them out, and knows. */
  readonly oldestMs: number | undefined
}

/** What a shard says of a queue when it has taken a write: how much waits, under which epoch. */
export interface QueueTold {
  readonly epoch: string
  readonly records: number
  readonly bytes: number
}

export interface WriteBehind {
  /** Takes part in carrying out the collection's writes from now on. */
  add(target: DrainTarget): void
  /** A write was queued here that is due after `delayMs`. */
  wake(collection: string, shard: number, delayMs: number, told?: QueueTold): void
  /**
   * Resolves when everything that was queued before is in the source, whichever instance carries it out.
   * `key`: of that key alone.
   */
  flush(
    collection: string,
    key: { readonly id: string; readonly shard: number } | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void>
  sight(): readonly QueueSight[]
  /** Hurries what waits, for at most so long, and takes no more part afterwards. */
  close(timeoutMs: number): Promise<DrainReport>
}
