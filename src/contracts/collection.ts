/** What plain keys and collections share, and what a collection has beside it. */

import type { CleanUpReport } from './clean-up.ts'
import type { Migration } from './codec.ts'
import type { ConflictPolicy } from './conflict-policy.ts'
import type { CollectionDescription } from './description.ts'
import type { Workload } from './metrics.ts'
import type { Switchable } from './mode.ts'
import type { OldVersions, Versioned } from './old-versions.ts'
import type {
  CallOptions,
  CodecOptions,
  DeleteOptions,
  Duration,
  EntryOptions,
  IdleOptions,
  Timeouts,
  WriteOptions,
} from './options.ts'
import type { Inspection, Reading } from './reading.ts'
import type {
  DeletionReceipt,
  DeletionReport,
  InvalidationReceipt,
  WriteReceipt,
} from './receipts.ts'
import type { Shadowed, ShadowOptions } from './shadow.ts'
import type { CacheKey, Loader, Source, Store } from './source.ts'
import type { StandardSchema } from './standard-schema.ts'
import type { CollectionWarming, Forecast, WarmItems, WarmOptions, WarmReport } from './warming.ts'
import type { WriteQueue } from './write-queue.ts'

export interface CollectionOptions<K extends CacheKey, V> extends EntryOptions, CodecOptions {
  readonly timeouts?: Timeouts
  /** Where missing values come from. A function loads one key. One of `source` and `store` is needed. */
  readonly source?: Source<K, V> | Loader<K, V>
  /** A collection that writes names its store and its policies. With `source` as well: a ConfigError. */
  readonly store?: Store<K, V>
  /** How each operation writes. @default { create: 'around', put: 'around', remove: 'around' } */
  readonly write?: {
    readonly create?: WritePolicy
    readonly put?: WritePolicy
    readonly remove?: WritePolicy
  }
  /** How writes behind the cache wait, and how they reach the store. */
  readonly behind?: BehindOptions<NoInfer<K>, NoInfer<V>>
  /** Tags of a value, beside the declared ones. Must be quick and must not throw. */
  readonly tagsOf?: (value: V, key: K) => readonly string[]
  /** Of the values' shape. Older entries are misses, or migrated; newer ones stay. @default 0 */
  readonly version?: number
  /** From an older version. Absent: entries of older versions are misses. */
  readonly migrate?: Migration<V>
  /** What becomes of entries of older versions in the shared tier. @default 'keep' */
  readonly oldVersions?: OldVersions
  /** Checks values that come from the shared tier. One that fails is a miss and is counted. */
  readonly schema?: StandardSchema<V>
  /** Keys with the same answer live in one shard. Must be quick and must not throw. */
  readonly shardBy?: (key: K) => string
  /** Its entries that nobody reads leave the cache; absent: as the cache says. */
  readonly idle?: IdleOptions | 'off'
  /**
   * A write whose key the shared tier cannot be asked about: carried out and told later, or refused
   * with a TierError before the source is touched. @default 'allow'
   */
  readonly whenUnprotected?: 'allow' | 'reject'
  /** How entries are kept warm before anyone asks for them. */
  readonly warm?: CollectionWarming<K, V>
  /** Share of hits that are loaded from the source as well and compared with it, or more about it. @default 0 */
  readonly shadow?: number | ShadowOptions<NoInfer<V>>
  /** How it is used: its hit rate is judged by it. */
  readonly workload?: Workload
}

/**
 * `around` writes the source and invalidates; `through` writes the source and leaves the value in the
 * cache. `behind` leaves the value in the shared tier, where it waits for the source; it is carried out
 * later, once, in order, in batches.
 */
export type WritePolicy = 'through' | 'behind' | 'around'

/** How writes behind the cache wait, and how they reach the store. */
export interface BehindOptions<K extends CacheKey = never, V = never> {
  /** How long a write waits for others, counted from the first of its key. @default '1s' */
  readonly delay?: Duration
  /** Writes in one call of the store at most. @default 100 */
  readonly batch?: number
  /** Bytes of their values at most. @default 1048576 */
  readonly batchBytes?: number
  /** `every`: each version of a key reaches the store, not only the last. @default 'last' */
  readonly keep?: 'last' | 'every'
  /** Writes that wait at most, over all shards. @default 100000 */
  readonly records?: number
  /** Bytes of their values at most. @default 268435456 */
  readonly bytes?: number
  /** How far the source may lag: how long a write may have been due and not be there. @default 'off' */
  readonly age?: Duration | 'off'
  /**
   * What a write does beyond these: waits for room, no longer than its hard timeout; is refused with a
   * QueueFullError; or is written through the cache. @default 'block'
   */
  readonly whenFull?: 'block' | 'reject' | 'through'
  /**
   * Share of these bounds, from 0.01 to 1, that must not be exceeded before a queue that was full takes
   * writes again; for each shard, and as each instance knows it. @default 0.8
   */
  readonly lowWater?: number
  /** Tries that a write is given on its own account, before it is a dead letter. @default 5 */
  readonly attempts?: number
  /** What the store may take for one call. @default '5s' */
  readonly storeTimeout?: Duration
  /**
   * What becomes of a write whose row somebody else has changed since it was read, or created: it is given
   * up, takes effect, or is merged. Changes are seen by stores that detect conflicts; a ConfigError for
   * other stores, but of `overwrite`. @default 'reject'
   */
  readonly conflicts?: ConflictPolicy<K, V>
}

/** Reads and invalidations that plain keys and collections share. */
export interface Readable<K, V> {
  /** A collection with a source loads what is missing; plain keys never load. */
  get(key: K, options?: CallOptions): Promise<V | undefined>
  /** The same with its origin. */
  read(key: K, options?: CallOptions): Promise<Reading<V>>
  /** Only what was found. One round trip, and one bulk load for the rest. */
  getMany(keys: Iterable<K>, options?: CallOptions): Promise<Map<K, V>>
  /** Never loads. */
  peek(key: K, options?: CallOptions): Promise<V | undefined>
  /** Whether a value could be served now; never loads. */
  has(key: K, options?: CallOptions): Promise<boolean>
  /** Invalidates; touches the cache only. */
  delete(key: K, options?: DeleteOptions): Promise<DeletionReceipt>
  deleteMany(keys: Iterable<K>, options?: CallOptions): Promise<DeletionReport<K>>
  /** Makes every entry unservable: of the collection, or of the whole cache with its collections. */
  clear(options?: CallOptions): Promise<InvalidationReceipt>
  /**
   * Invalidates every key whose text matches a glob, as in `keys`: entries in every tier, and what is
   * being loaded.
   */
  invalidatePattern(pattern: string, options?: CallOptions): Promise<InvalidationReceipt>
  /** Ends freshness, leaves grace. */
  expire(key: K, options?: CallOptions): Promise<InvalidationReceipt>
  /** Gives the entry a new life from now: `ttl`, or as it was granted. `false`: there is none. */
  touch(key: K, ttl?: Duration | 'none', options?: CallOptions): Promise<boolean>
  /** Milliseconds of freshness left; `undefined` where absent, `Infinity` without an end. */
  ttl(key: K, options?: CallOptions): Promise<number | undefined>
  /**
   * Counts as a read of the entry, for how long it may stay: for what the application does on behalf of
   * it without reading it. Reads nothing, and costs as much as a look into a map. Nothing happens where
   * `idle` is off.
   *
   * @throws ArgumentError for a key that cannot be one.
   */
  noteActivity(key: K): void
  inspect(key: K, options?: CallOptions): Promise<Inspection | undefined>
  /**
   * Keys that have an entry, in no order. `pattern` is a glob over the key as text: `*`, `?`,
   * `[a-z]`, and `\` before a character that stands for itself.
   */
  keys(pattern?: string, options?: CallOptions): AsyncIterable<K>
}

/** Values of one kind, by key, with a source and a policy for each write. */
export interface Collection<K extends CacheKey, V>
  extends Readable<K, V>,
    Versioned,
    Switchable,
    Shadowed {
  readonly name: string
  /** What was declared, with every default applied, and how it is switched now. Asks nobody. */
  describe(): CollectionDescription
  /** Loads now, even if the entry is fresh, and answers the new value. */
  refresh(key: K, options?: CallOptions): Promise<V | undefined>
  /**
   * Fills the cache with what will be asked for, for instance on an event of the application: keys that
   * are loaded, or pairs with values that a query has brought. Within the budget of all warming.
   *
   * @example
   * ```ts
   * import { createCache } from 'tiercel'
   *
   * await using cache = createCache({ name: 'shop' })
   * const users = cache.collection('user', {
   *   source: { loadMany: (ids: readonly number[]) => new Map(ids.map((id) => [id, { id }])) },
   * })
   * const { loaded } = await users.warm([1, 2, 3], { ttl: '1h' })
   * console.log(loaded) // 3
   * ```
   *
   * @throws ArgumentError; ClosedError; whatever the iteration of `items` throws. Loads that fail are
   * counted.
   */
  warm(items: WarmItems<K, V>, options?: WarmOptions): Promise<WarmReport>
  /**
   * Carries out again what is planned in `warm`: its `start`, and what its schedules ask for, in this
   * process. While it lasts, further calls wait for the same.
   *
   * @throws ConfigError where neither is planned, or all warming is off; ClosedError; what the queries throw.
   */
  warmNow(): Promise<WarmReport>
  /**
   * What this process is expected to read in the next hour, and how good such forecasts were.
   * `undefined`: `warm.predict` is not asked for, warming is off, or the shared tier has not yet told what
   * was learned before. Takes a few milliseconds for each 10,000 keys that are remembered.
   *
   * `limit` is of `expected`, 100,000 at most. @default 100
   *
   * @throws ArgumentError; ClosedError
   */
  forecast(limit?: number): Forecast<K> | undefined
  /** Writes a new value to the source. @throws ConflictError if the source has the key. */
  create(key: K, value: V, options?: WriteOptions): Promise<WriteReceipt>
  put(key: K, value: V, options?: WriteOptions): Promise<WriteReceipt>
  /** Deletes at the source. `delete` only invalidates. */
  remove(key: K, options?: WriteOptions): Promise<WriteReceipt>
  /**
   * Resolves when every write that was queued before is in the source, or has become a dead letter,
   * whichever instance carries it out. `key`: of that key alone.
   */
  flush(key?: K, options?: Pick<CallOptions, 'signal'>): Promise<void>
  /** Removes its entries that nobody has read for as long as `idle` says, now. @throws as that of the cache. */
  cleanUp(options?: Pick<CallOptions, 'signal'>): Promise<CleanUpReport>
  /** Writes that wait, and those that were given up. @throws ConfigError where none is written behind. */
  readonly queue: WriteQueue<K, V>
}
