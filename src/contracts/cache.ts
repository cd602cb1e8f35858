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
import type { Collection, CollectionOptions, Readable } from './collection.ts'
import type { CollectionDescription } from './description.ts'
import type { CacheEvent } from './events.ts'
import type { ExternalChange } from './external-change.ts'
import type { AlertOptions, Health } from './health.ts'
import type { Lock } from './lock.ts'
import type { LoggerLike } from './logger.ts'
import type { Memoized, MemoizeOptions } from './memoize.ts'
import type { InstanceReport, MetricsOptions, MetricsSnapshot, Workload } from './metrics.ts'
import type { Switchable } from './mode.ts'
import type { OldVersions, Versioned } from './old-versions.ts'
import type {
  AuditOptions,
  CallOptions,
  CoherenceOptions,
  CompressionName,
  CompressionOptions,
  Duration,
  EntryOptions,
  IdleOptions,
  LockOptions,
  MemoryOptions,
  TagOptions,
  Timeouts,
  VersionToken,
} from './options.ts'
import type { Reading } from './reading.ts'
import type { BatchReport, ExternalChangeReceipt, InvalidationReceipt } from './receipts.ts'
import type { SharedTier } from './shared-tier.ts'
import type { CacheKey, LoadContext } from './source.ts'
import type { AuditReport, CacheUsage } from './usage.ts'
import type { WarmingOptions, WarmOptions, WarmReport } from './warming.ts'
import type { DrainReport } from './write-behind.ts'

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
   * takes, unless `signal` ends the wait; `tier-failure` events tell why meanwhile. A file that cannot be
   * opened is tried again by itself: asked once more, this may resolve.
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
