/** The public face: what `createCache` takes and what it gives. */

import type {
  AfterCommitOptions,
  CommitChanges,
  CommitReceipt,
  TransactionClient,
  TransactionPool,
  TransactionRunner,
} from './after-commit.ts'
import type { Batch, BatchOperation, BatchOptions, BatchResults } from './batch.ts'
import type { CleanUpReport } from './clean-up.ts'
import type { Codec, Migration } from './codec.ts'
import type { ConflictPolicy } from './conflict-policy.ts'
import type { CollectionDescription } from './description.ts'
import type { CacheEvent } from './events.ts'
import type { ExternalChange } from './external-change.ts'
import type { AlertOptions, Health } from './health.ts'
import type { LoggerLike } from './logger.ts'
import type { InstanceReport, MetricsOptions, MetricsSnapshot, Workload } from './metrics.ts'
import type { Switchable } from './mode.ts'
import type { OldVersions, Versioned } from './old-versions.ts'
import type {
  AuditOptions,
  CallOptions,
  CodecOptions,
  CoherenceOptions,
  CompressionName,
  CompressionOptions,
  DeleteOptions,
  Duration,
  EntryOptions,
  IdleOptions,
  LockOptions,
  MemoryOptions,
  TagOptions,
  Timeouts,
  VersionToken,
  WriteOptions,
} from './options.ts'
import type { Durability } from './pending-steps.ts'
import type { Shadowed, ShadowOptions } from './shadow.ts'
import type { SharedTier } from './shared-tier.ts'
import type { CacheKey, LoadContext, Loader, Source, Store } from './source.ts'
import type { StandardSchema } from './standard-schema.ts'
import type { AuditReport, CacheUsage } from './usage.ts'
import type {
  CollectionWarming,
  Forecast,
  WarmItems,
  WarmingOptions,
  WarmOptions,
  WarmReport,
} from './warming.ts'
import type { DrainReport } from './write-behind.ts'
import type { WriteQueue } from './write-queue.ts'

export interface CacheOptions {
  /** Names the cache in the shared tier, in events and in logs. Letters, digits, `.`, `_`, `-`. */
  readonly name: string
  /** Absent: in-process only. */
  readonly shared?: SharedTier | undefined
  /** Bounds of the in-process tier, or `'off'`. @default { entries: 10000 } */
  readonly memory?: MemoryOptions | 'off'
  /** What entries live by where nothing nearer says otherwise. */
  readonly defaults?: EntryOptions & { readonly timeouts?: Timeouts }
  /** How values are written into the shared tier. @default jsonCodec() */
  readonly codec?: Codec
  /** @default 'off' */
  readonly compression?: CompressionOptions | CompressionName | 'off'
  /** Of the values under plain keys. Older entries are misses, or migrated; newer ones stay. @default 0 */
  readonly version?: number
  /** Of values under plain keys, from an older version. Absent: they are misses. */
  readonly migrate?: Migration<unknown>
  /** What becomes of entries of older versions under plain keys. @default 'keep' */
  readonly oldVersions?: OldVersions
  /** Time that one call of the shared tier has. @default '200ms' */
  readonly sharedTimeout?: Duration
  /** How this process follows changes that other processes make in the shared tier. */
  readonly coherence?: CoherenceOptions
  /**
   * The budget of all warming in this process. `'off'`: nothing that collections plan is carried out,
   * and `warm()` does nothing.
   * @default { concurrency: 1, batch: 20, perSecond: 20000, yieldAt: 0.5, restAt: 2 }
   */
  readonly warming?: WarmingOptions | 'off'
  /**
   * How this process is called where others are told of it. Up to 128 characters; the host and the
   * process's number if not given.
   */
  readonly instance?: string
  /** Plain keys with the same answer live in one shard. Must be quick and must not throw. */
  readonly shardBy?: (key: string) => string
  /** Absent: warnings go to `process.emitWarning`, nothing else anywhere. */
  readonly logger?: LoggerLike
  /** Operations that take longer are logged as warnings, where a logger is given. @default '100ms' */
  readonly slowAfter?: Duration | 'off'
  /**
   * How those lines name the key: by 8 hexadecimal digits that tell whether two are of one key, or as it
   * is. @default 'hash'
   */
  readonly logKeys?: 'hash' | 'shown'
  /**
   * Entries that nobody reads leave the cache, of every collection that does not say otherwise, and of
   * plain keys. @default 'off'
   */
  readonly idle?: IdleOptions | 'off'
  /** Time between audits of a sample of the copies in this process. @default 'off' */
  readonly auditEvery?: Duration | 'off'
  /** Time between lines that sum up each pattern in the log. @default 'off' */
  readonly summaryEvery?: Duration | 'off'
  /**
   * What is counted for `stats()`. `'off'`: nothing is, and `stats()` and `fleet()` reject.
   * @default { patterns: 500, sampleHits: 256, shareEvery: '5s' }
   */
  readonly metrics?: MetricsOptions | 'off'
  /** Thresholds from which `alert` events tell of trouble, and `health()` of reasons. */
  readonly alerts?: AlertOptions
  /** How plain keys are used: their hit rate is judged by it. */
  readonly workload?: Workload
  /**
   * Is handed the work that may go on after a call was answered: loads, refreshes ahead, changes of the
   * shared tier. For hosts that stop a process when its answer is sent: `(work) => ctx.waitUntil(work)`.
   * Each of them fulfils, and ends. What timers begin is handed over when it begins.
   */
  readonly waitUntil?: (work: Promise<void>) => void
}

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

/** A value with where it came from. */
export type Reading<V> =
  | {
      readonly found: true
      readonly value: V
      readonly tier: TierName
      /** Since it was loaded or set. */
      readonly ageMs: number
      /** Past its freshness, inside its grace. */
      readonly stale: boolean
    }
  | { readonly found: false; readonly tier: TierName }

/** The tier that answered, or that said last that there is nothing. */
export type TierName = 'memory' | 'shared' | 'source'

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

export interface WriteReceipt {
  /** Of a write that waits for the source: `queue.state(id)` tells what has become of it. */
  readonly id?: string
  /** Of a write that waits for the source: what it survives from now on. */
  readonly durability?: Durability
  /** `false`: the source has the write, the shared tier could not be asked and is repaired later. */
  readonly protected: boolean
  /** Read with it as `minVersion`, any instance sees at least this write. */
  readonly version: VersionToken
}

export interface InvalidationReceipt {
  /** `pending`: the shared tier could not be reached; kept, and repaired when it answers again. */
  readonly state: 'done' | 'pending'
  /** Read with it as `minVersion`, any instance sees at least this removal. */
  readonly version: VersionToken
  /** Of `wait: 'connected'`: instances that had not confirmed in time. */
  readonly unconfirmed: readonly string[]
}

/** What a change from outside has made unservable. */
export interface ExternalChangeReceipt extends InvalidationReceipt {
  readonly kind: 'keys' | 'tags' | 'collection' | 'clear'
  /** Keys or tags, each once; 1 for a collection or the cache. */
  readonly count: number
}

export interface DeletionReceipt extends InvalidationReceipt {
  /** Whether there was an entry that could have been served; `undefined` if nobody can tell. */
  readonly found: boolean | undefined
}

export interface BatchReport<K> {
  /** Of all that succeeded. */
  readonly version: VersionToken
  readonly succeeded: number
  readonly failed: readonly { readonly key: K; readonly error: unknown }[]
  readonly durationMs: number
}

/** `succeeded` counts what is gone for this process; `state` says whether it is for all. */
export interface DeletionReport<K> extends BatchReport<K>, InvalidationReceipt {}

/** What one tier has of an entry. Times are epoch milliseconds. */
export interface InspectedCopy {
  /** Since the value was loaded or set. */
  readonly ageMs: number
  readonly freshUntil: number
  readonly graceUntil: number
  /** In memory estimated; in the shared tier that of the envelope. */
  readonly sizeBytes: number
}

/** Where an entry lives and what it lives by; its times are those of the shared tier, if that has it. */
export interface Inspection extends InspectedCopy {
  readonly tiers: readonly ('memory' | 'shared')[]
  /** `undefined` for a value that was set. */
  readonly loadMs: number | undefined
  readonly tags: readonly string[]
  readonly schemaVersion: number
  /** `true`: what is cached is that the source has nothing. */
  readonly absent: boolean
  /** `true`: it is a write that waits for the source. */
  readonly pending: boolean
  /** The copy in this process. */
  readonly memory: InspectedCopy | undefined
  readonly shared: InspectedCopy | undefined
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

/** What a memoized function has of a collection. */
type Inherited = 'timeouts' | 'version' | 'migrate' | 'schema' | 'idle' | 'workload' | 'oldVersions'

/** `A`: the function's arguments; `R`: what it answers with. */
export interface MemoizeOptions<A extends readonly unknown[], R>
  extends EntryOptions,
    CodecOptions,
    Pick<CollectionOptions<string, R>, Inherited> {
  /** Of the collection in which the answers are: one that this cache does not have yet. */
  readonly name: string
  /**
   * What of the arguments counts, as text; other arguments must give another text. Absent: all of them,
   * which are then plain data.
   */
  readonly key?: (...args: A) => string
  /** Tags of an answer, beside the declared ones. Must be quick and must not throw. */
  readonly tagsOf?: (value: R, ...args: A) => readonly string[]
}

/** Answers as the function does, from the cache where it has the answer. */
export interface Memoized<A extends readonly unknown[], R> {
  /**
   * @throws ArgumentError for arguments that cannot be told from others; whatever the function throws,
   * which is not kept; LoaderTimeoutError; ClosedError.
   */
  (...args: A): Promise<R>
  /** Makes the answer for these arguments unservable, in every tier. */
  forget(...args: A): Promise<DeletionReceipt>
  /** The same for all arguments. */
  forgetAll(options?: Pick<DeleteOptions, 'signal'>): Promise<InvalidationReceipt>
}

/** The object a user holds. Plain keys have no source: `get` never loads, `getOrLoad` may. */
export interface Cache extends Readable<string, unknown>, Versioned, Switchable, AsyncDisposable {
  readonly name: string
  get<V = unknown>(key: string, options?: CallOptions): Promise<V | undefined>
  read<V = unknown>(key: string, options?: CallOptions): Promise<Reading<V>>
  getMany<V = unknown>(keys: Iterable<string>, options?: CallOptions): Promise<Map<string, V>>
  peek<V = unknown>(key: string, options?: CallOptions): Promise<V | undefined>
  /** Resolves with a token: read with it, any instance sees at least this value. */
  set<V>(key: string, value: V, options?: EntryOptions & CallOptions): Promise<VersionToken>
  /** One round trip for each 1,000; what cannot be stored is named and does not stop the rest. */
  setMany<V>(
    entries: Iterable<readonly [string, V]>,
    options?: EntryOptions & CallOptions,
  ): Promise<BatchReport<string>>
  /** The hit path: reads, and on a miss calls `load` once for all who ask in this process. */
  getOrLoad<V>(
    key: string,
    load: (context: LoadContext<string>) => Promise<V> | V,
    options?: EntryOptions & CallOptions,
  ): Promise<V>
  /** The same with its origin. */
  readOrLoad<V>(
    key: string,
    load: (context: LoadContext<string>) => Promise<V> | V,
    options?: EntryOptions & CallOptions,
  ): Promise<Reading<V>>
  /** Loads now, even if the entry is fresh, and answers the new value. */
  refresh<V>(
    key: string,
    load: (context: LoadContext<string>) => Promise<V> | V,
    options?: EntryOptions & CallOptions,
  ): Promise<V>

  /**
   * Stores values under plain keys that have none, or are stored anew with `load: 'all'`; a key that has
   * changed since the iteration began is left alone. Within the budget of all warming.
   *
   * @throws ArgumentError; ClosedError; whatever the iteration of `entries` throws. Entries that cannot
   * be stored are counted.
   */
  warm<V>(
    entries: Iterable<readonly [string, V]> | AsyncIterable<readonly [string, V]>,
    options?: WarmOptions,
  ): Promise<WarmReport>

  /** @throws ConfigError if the name is taken, or an option cannot work. */
  collection<K extends CacheKey, V>(
    name: string,
    options: CollectionOptions<K, V>,
  ): Collection<K, V>

  /**
   * The function with its answers cached by its arguments, in a collection of its own. One run for all
   * who ask at once; what it throws is not kept, and `undefined` is "not found".
   *
   * @example
   * ```ts
   * import { createCache } from 'tiercel'
   *
   * await using cache = createCache({ name: 'shop' })
   * const find = async (words: string, page: number) => [`${words}, page ${page}`]
   * const search = cache.memoize(find, { name: 'search', ttl: '1m' })
   * await search('lamp', 2)
   * console.log(await search('lamp', 2)) // from the cache
   * await search.forget('lamp', 2)
   * ```
   *
   * @throws ConfigError if the name is taken, or an option cannot work.
   */
  memoize<F extends (...args: never) => unknown>(
    fn: F,
    options: MemoizeOptions<Parameters<F>, Awaited<ReturnType<F>>>,
  ): Memoized<Parameters<F>, Awaited<ReturnType<F>>>

  /** Those that were declared, by name, in this order. */
  readonly collections: ReadonlyMap<string, Collection<CacheKey, unknown>>
  /** Of plain keys. */
  describe(): CollectionDescription

  /**
   * Many operations at once, in one round trip, each with its own result.
   *
   * @example
   * ```ts
   * import { createCache } from 'tiercel'
   *
   * await using cache = createCache({ name: 'shop' })
   * await cache.set('visits', 7)
   * const [visits, cart] = await cache.batch((batch) => [
   *   batch.get<number>('visits'),
   *   batch.has('cart:42'),
   * ])
   * console.log(visits.ok && visits.value, cart.ok && cart.value) // 7 false
   * ```
   */
  batch<const T extends readonly BatchOperation<unknown>[]>(
    build: (batch: Batch) => T,
    options?: BatchOptions,
  ): Promise<BatchResults<T>>

  /**
   * Runs a transaction of the source, and makes the changes that `work` names only if it commits: values
   * that it has written, keys and tags that go. They are protected from before the commit until after it, so
   * that nobody fills them with what was there before, also if this process dies in between.
   *
   * `transaction`: a client or a pool of `pg`, which is told to begin, to commit and to roll back; or a
   * function that runs a transaction, such as `(work) => sql.begin(work)`.
   *
   * @example
   * ```ts
   * import { DatabaseSync } from 'node:sqlite'
   * import { createCache } from 'tiercel'
   *
   * await using cache = createCache({ name: 'shop' })
   * const db = new DatabaseSync(':memory:')
   * db.exec('create table product (id integer primary key, name text)')
   * const client = { query: async (text: string) => db.exec(text) }
   *
   * await cache.afterCommit(client, async (client, changes) => {
   *   await client.query("insert into product values (7, 'Lamp')")
   *   changes.put('product:7', 'Lamp')
   *   changes.invalidateTags(['products'])
   * })
   * console.log(await cache.get('product:7')) // Lamp
   * ```
   *
   * @throws whatever the work, the begin or the commit throws: no value is in the cache then, and a key whose
   * commit failed is missing. ArgumentError; ClosedError.
   */
  afterCommit<T, C extends TransactionClient>(
    transaction: TransactionPool<C>,
    work: (client: C, changes: CommitChanges) => Promise<T>,
    options?: AfterCommitOptions,
  ): Promise<CommitReceipt<T>>
  afterCommit<T, C extends TransactionClient>(
    transaction: C,
    work: (client: C, changes: CommitChanges) => Promise<T>,
    options?: AfterCommitOptions,
  ): Promise<CommitReceipt<T>>
  afterCommit<T, C = void>(
    transaction: TransactionRunner<C>,
    work: (client: C, changes: CommitChanges) => Promise<T>,
    options?: Pick<AfterCommitOptions, 'timeout'>,
  ): Promise<CommitReceipt<T>>

  /** Makes every entry with one of the tags unservable, in every tier: no grace. */
  invalidateTags(tags: readonly string[], options?: TagOptions): Promise<InvalidationReceipt>
  /** Ends the freshness of every entry with one of the tags, in every tier; leaves grace. */
  expireTags(tags: readonly string[], options?: CallOptions): Promise<InvalidationReceipt>

  /**
   * Invalidates what another program has changed at the source, in every tier: the handler for any
   * message bus. Repeats are harmless, and so are keys that the cache does not know.
   *
   * @example
   * ```ts
   * import { createCache } from 'tiercel'
   *
   * await using cache = createCache({ name: 'shop' })
   * cache.collection('product', { source: { load: (id: number) => ({ id }) } })
   * const { count } = await cache.onExternalChange({ collection: 'product', keys: [7, 8] })
   * console.log(count) // 2
   * ```
   *
   * @throws ArgumentError naming the field that cannot work; nothing was invalidated then.
   */
  onExternalChange(event: ExternalChange): Promise<ExternalChangeReceipt>

  /**
   * Holds all of the names, or rejects. Advisory: hand `token` to whatever is written to under the
   * lock, and let that refuse smaller ones.
   *
   * @throws LockNotAcquiredError after `wait`; TierError; ConfigError without a shared tier.
   */
  lock(names: string | readonly string[], options?: LockOptions): Promise<Lock>
  /** One try. `undefined`: somebody else holds one of them. */
  tryLock(
    names: string | readonly string[],
    options?: Omit<LockOptions, 'wait' | 'retry'>,
  ): Promise<Lock | undefined>
  /** Resolves when nobody holds the lock, without taking it. @throws LockNotAcquiredError after `wait` */
  waitForUnlock(
    name: string,
    options?: Pick<LockOptions, 'wait' | 'retry' | 'signal'>,
  ): Promise<void>

  on<T extends CacheEvent['type']>(
    type: T,
    listener: (event: Extract<CacheEvent, { type: T }>) => void,
  ): Disposable
  /** What the tiers hold now. */
  usage(): Promise<CacheUsage>
  /**
   * What this instance has counted since it was made, up to now.
   *
   * @throws ConfigError where `metrics` is off.
   */
  stats(): Promise<MetricsSnapshot>
  /** How the cache is, with reasons that a person can act on; also where `metrics` is off. */
  health(): Promise<Health>
  /**
   * The figures of all instances, as each has left them in the shared tier: its own first, as they are
   * now, then the others by name. Those of an instance that ended stay
   * for three times `metrics.shareEvery`.
   *
   * @throws ConfigError where `metrics` is off.
   */
  fleet(): Promise<readonly InstanceReport[]>
  /**
   * Compares a sample of the copies in this process with the shared tier and the source. Reads the
   * source once or twice for each.
   */
  audit(options?: AuditOptions): Promise<AuditReport>
  /**
   * Removes entries that nobody has read for as long as `idle` says, now: copies in this process, and
   * entries in the shared tier. It is done by itself at start-up and every `idle.every`.
   *
   * @throws ConfigError where nothing has `idle`; TierError if the shared tier does not answer: another
   * one goes on from there; ClosedError; the signal's reason.
   */
  cleanUp(options?: Pick<CallOptions, 'signal'>): Promise<CleanUpReport>
  /** Removes a share of the in-process entries, the least valuable first. @default 0.3 */
  compact(share?: number): number
  /**
   * Resolves when the shared tier is open, and what collections warm with `ready: 'when-warm'` is warm or
   * has failed. While it is out of reach that is waited for, however long it
   * takes, unless `signal` ends the wait; `tier-failure` events tell why meanwhile.
   *
   * @throws TierError or ConfigError for what a person has to change, with what to do; ClosedError; the
   * signal's reason.
   */
  ready(options?: Pick<CallOptions, 'signal'>): Promise<void>
  /**
   * Ends the wait of every caller, hurries the writes that wait for the source for at most `timeout`,
   * then closes the tiers. What is left stays in the shared tier. Safe to call twice.
   *
   * `timeout`: default `'5s'`.
   */
  close(options?: { readonly timeout?: Duration }): Promise<DrainReport>
}

/** Held until it is released, or until it is lost. */
export interface Lock extends AsyncDisposable {
  readonly names: readonly string[]
  /** Greater than that of every lock of this cache granted before. */
  readonly token: bigint
  /** Aborts when the lock is lost: not renewed in time, or taken away. */
  readonly signal: AbortSignal
  /**
   * A new expiry from now. `false`: it was lost, or the tier did not answer; then it counts as held for
   * the shorter of its two lives. `signal` tells when it is over.
   */
  extend(ttl?: Duration): Promise<boolean>
  /** Safe to call twice, and after it was lost. */
  release(): Promise<void>
}
