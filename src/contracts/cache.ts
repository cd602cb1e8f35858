/** The public face: what `createCache` takes and what it gives. */

import type { Codec } from './codec.ts'
import type { CacheEvent } from './events.ts'
import type { LoggerLike } from './logger.ts'
import type {
  CallOptions,
  CodecOptions,
  CompressionName,
  CompressionOptions,
  Duration,
  EntryOptions,
  MemoryOptions,
  Timeouts,
  WriteOptions,
} from './options.ts'
import type { SharedTier, SharedUsage } from './shared-tier.ts'
import type { CacheKey, LoadContext, Loader, Source, Store } from './source.ts'
import type { StandardSchema } from './standard-schema.ts'

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
  /** Of the values under plain keys; entries of another version are misses. @default 0 */
  readonly version?: number
  /** Time that one call of the shared tier has. @default '200ms' */
  readonly sharedTimeout?: Duration
  /**
   * How long a value may be kept in this process that was loaded while the shared tier did not
   * answer. @default '5s'
   */
  readonly maxBlindness?: Duration
  /** Absent: warnings go to `process.emitWarning`, nothing else anywhere. */
  readonly logger?: LoggerLike
  /** Loads and writes that take longer are logged as warnings, where a logger is given. @default '100ms' */
  readonly slowAfter?: Duration | 'off'
  /** Time between lines that sum up each pattern in the log. @default 'off' */
  readonly summaryEvery?: Duration | 'off'
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
  /** Tags of a value, beside the declared ones. Must be quick and must not throw. */
  readonly tagsOf?: (value: V, key: K) => readonly string[]
  /** Of the values' shape; entries of another version are misses. @default 0 */
  readonly version?: number
  /** Checks values that come from the shared tier. One that fails is a miss and is counted. */
  readonly schema?: StandardSchema<V>
}

/** `around` writes the source and invalidates. `through` and `behind` are not there yet. */
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

export interface WriteReceipt {
  /** `false`: the source has the write, the shared tier could not be asked and is repaired later. */
  readonly protected: boolean
}

export interface InvalidationReceipt {
  /** `pending`: the shared tier could not be reached; kept, and repaired when it answers again. */
  readonly state: 'done' | 'pending'
}

export interface DeletionReceipt extends InvalidationReceipt {
  /** Whether there was an entry that could have been served; `undefined` if nobody can tell. */
  readonly found: boolean | undefined
}

export interface BatchReport<K> {
  readonly succeeded: number
  readonly failed: readonly { readonly key: K; readonly error: unknown }[]
  readonly durationMs: number
}

/** `succeeded` counts what is gone for this process; `state` says whether it is for all. */
export interface DeletionReport<K> extends BatchReport<K>, InvalidationReceipt {}

/** Where an entry lives and what it lives by. Times are epoch milliseconds. */
export interface Inspection {
  readonly tiers: readonly ('memory' | 'shared')[]
  readonly ageMs: number
  readonly freshUntil: number
  readonly graceUntil: number
  /** `undefined` for a value that was set. */
  readonly loadMs: number | undefined
  readonly tags: readonly string[]
  readonly schemaVersion: number
  /** Estimated in memory; of the envelope where only the shared tier has it. */
  readonly sizeBytes: number
  /** `true`: what is cached is that the source has nothing. */
  readonly absent: boolean
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
  delete(key: K, options?: CallOptions): Promise<DeletionReceipt>
  deleteMany(keys: Iterable<K>, options?: CallOptions): Promise<DeletionReport<K>>
  /** Makes every entry unservable: of the collection, or of the whole cache with its collections. */
  clear(options?: CallOptions): Promise<InvalidationReceipt>
  /** Ends freshness, leaves grace. */
  expire(key: K, options?: CallOptions): Promise<InvalidationReceipt>
  /** Gives the entry a new life from now: `ttl`, or as it was granted. `false`: there is none. */
  touch(key: K, ttl?: Duration | 'none', options?: CallOptions): Promise<boolean>
  /** Milliseconds of freshness left; `undefined` where absent, `Infinity` without an end. */
  ttl(key: K, options?: CallOptions): Promise<number | undefined>
  inspect(key: K, options?: CallOptions): Promise<Inspection | undefined>
  /**
   * Keys that have an entry, in no order. `pattern` is a glob over the key as text: `*`, `?`,
   * `[a-z]`, and `\` before a character that stands for itself.
   */
  keys(pattern?: string, options?: CallOptions): AsyncIterable<K>
}

/** Values of one kind, by key, with a source and a policy for each write. */
export interface Collection<K extends CacheKey, V> extends Readable<K, V> {
  readonly name: string
  /** Loads now, even if the entry is fresh, and answers the new value. */
  refresh(key: K, options?: CallOptions): Promise<V | undefined>
  /** Writes a new value to the source. @throws ConflictError if the source has the key. */
  create(key: K, value: V, options?: WriteOptions): Promise<WriteReceipt>
  put(key: K, value: V, options?: WriteOptions): Promise<WriteReceipt>
  /** Deletes at the source. `delete` only invalidates. */
  remove(key: K, options?: WriteOptions): Promise<WriteReceipt>
}

/** The object a user holds. Plain keys have no source: `get` never loads, `getOrLoad` may. */
export interface Cache extends Readable<string, unknown>, AsyncDisposable {
  readonly name: string
  get<V = unknown>(key: string, options?: CallOptions): Promise<V | undefined>
  read<V = unknown>(key: string, options?: CallOptions): Promise<Reading<V>>
  getMany<V = unknown>(keys: Iterable<string>, options?: CallOptions): Promise<Map<string, V>>
  peek<V = unknown>(key: string, options?: CallOptions): Promise<V | undefined>
  set<V>(key: string, value: V, options?: EntryOptions & CallOptions): Promise<void>
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

  /** @throws ConfigError if the name is taken, or an option cannot work. */
  collection<K extends CacheKey, V>(
    name: string,
    options: CollectionOptions<K, V>,
  ): Collection<K, V>

  /** Makes every entry with one of the tags unservable, in every tier: no grace. */
  invalidateTags(tags: readonly string[], options?: CallOptions): Promise<InvalidationReceipt>

  on<T extends CacheEvent['type']>(
    type: T,
    listener: (event: Extract<CacheEvent, { type: T }>) => void,
  ): Disposable
  /** What the tiers hold now. */
  usage(): Promise<CacheUsage>
  /** Removes a share of the in-process entries, the least valuable first. @default 0.3 */
  compact(share?: number): number
  /** Resolves when the shared tier is open. @throws TierError with what a person can do about it. */
  ready(): Promise<void>
  /** Ends the wait of every caller, then closes the tiers. Safe to call twice. */
  close(): Promise<void>
}

export interface CacheUsage {
  readonly memory: { readonly entries: number; readonly bytes: number; readonly weight: number }
  readonly shared: SharedUsage | undefined
}
