/** The system of record, as the cache sees it: something to load from, and maybe to write to. */

import type { Duration, EntryOptions } from './options.ts'

/** What a key may be. Keys of different types never meet: `1` and `'1'` are two keys. */
export type CacheKey = string | number | bigint

/**
 * What a loader may learn and decide. It does not name the value's type, so that the type can be
 * inferred from what the loader answers with.
 */
export interface LoadContext<K> {
  readonly key: K
  /** Aborts when nobody waits for the value any more, or when the cache is closed. */
  readonly signal: AbortSignal
  /**
   * The value being replaced, if one is left: in grace, or still fresh where it is reloaded ahead. `etag`:
   * as its loader noted it.
   */
  readonly previous: { readonly value: unknown; readonly etag: string | undefined } | undefined
  /**
   * Decides the entry's life, tags, size and priority from the value, over what was declared.
   *
   * Called at most once, before the loader resolves.
   * @throws ArgumentError if an option cannot work; the load then fails.
   */
  options(options: LoaderOptions): void
  /**
   * Answer with this where `previous` is still what the source has: it gets a new life, with the tags it
   * had, and neither its bytes travel nor is anybody told.
   *
   * @throws ArgumentError where there is no `previous`.
   */
  unchanged(): never
  /** Answer with this to hand the value to the callers and cache nothing. */
  uncached<T>(value: T): T
}

export interface LoaderOptions extends EntryOptions {
  /** What the source knows this value by; the next load of the key finds it in `previous`. At most 512 characters. */
  readonly etag?: string | undefined
}

/** Produces one missing value. `undefined` means "not found". */
export type Loader<K, V> = (
  key: K,
  context: LoadContext<K>,
) => Promise<V | undefined> | V | undefined

/** Produces many missing values in one go. A key without a value in the answer is "not found". */
export type LoadMany<K, V> = (
  keys: readonly K[],
  context: { readonly signal: AbortSignal },
) => Promise<ReadonlyMap<K, V>> | ReadonlyMap<K, V>

/** The system of record, to read. One of the two functions is enough; `loadMany` is preferred. */
export interface Source<K, V> {
  readonly load?: Loader<K, V>
  readonly loadMany?: LoadMany<K, V>
  /** Calls in flight at most. @default 64 */
  readonly concurrency?: number
  /** Keys in one `loadMany` at most. @default 1000 */
  readonly batchSize?: number
  /**
   * After `failures` in a row the source is given a rest, in which its loads are refused with a
   * CircuitOpenError or answered from grace; then one is let through to see.
   * @default { failures: 20, rest: '1s' }
   */
  readonly breaker?: SourceBreaker | 'off'
  /**
   * It reads a replica, which may lag so far behind what is written: loaded values live no longer than that,
   * so that one that was read too early is gone soon. 0 is none. @default 'none'
   */
  readonly lag?: Duration | 'none'
}

export interface SourceBreaker {
  /** @default 20 */
  readonly failures?: number
  /** Doubled by each try that fails, up to 10 s. @default '1s' */
  readonly rest?: Duration
}

/**
 * A source that also takes writes. Defined by `storeSuite` in `tiercel/testing`.
 *
 * `fencing` says whether an older version can be refused: `'unfenced'` stores are fine for writes
 * through and around the cache, and cannot carry write-behind safely.
 */
export interface Store<K, V> extends Source<K, V> {
  readonly fencing: 'versioned' | 'unfenced'
  /**
   * `'detected'`: a put with a `base` is answered with `conflict` where somebody else has changed the row
   * since, and changes nothing then. Left out: a `base` means nothing to it.
   */
  readonly conflicts?: 'detected'
  apply(
    writes: readonly StoreWrite<K, V>[],
    options: { readonly signal: AbortSignal },
  ): Promise<readonly StoreOutcome[]>
  /**
   * Versions that the keys were written with last, removals too; those that never were are left out.
   * Asked where a write that waits has outlived the numbers of its shard, to see which of the two is newer.
   */
  versions?(
    keys: readonly K[],
    options: { readonly signal: AbortSignal },
  ): Promise<ReadonlyMap<K, StoredVersion>>
}

export interface StoredVersion {
  readonly version: bigint
  readonly epoch: string
}

/** One change to the source. `version` and `epoch` order it where the cache orders writes. */
export type StoreWrite<K, V> = {
  readonly key: K
  readonly version?: bigint
  readonly epoch?: string
} & (
  | { readonly kind: 'create'; readonly value: V }
  | { readonly kind: 'put'; readonly value: V; readonly base?: WriteBase<V> }
  | { readonly kind: 'remove' }
)

/**
 * What a put builds upon: a value as it was read, which has the revision of its row in it. `undefined`, or
 * a value without a revision: it builds upon no row.
 *
 * The base stands as long as nobody but the cache has written the row since: several writes of the cache
 * may build upon one base, one after the other.
 */
export interface WriteBase<V> {
  readonly value: V | undefined
}

/** What became of one write; one for each, in order. */
export type StoreOutcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'superseded'; readonly by: bigint; readonly byEpoch: string }
  | { readonly kind: 'conflict'; readonly reason: string }
  | {
      readonly kind: 'failed'
      readonly error: unknown
      readonly retry: 'transient' | 'permanent'
    }
