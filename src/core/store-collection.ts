/** A collection as its users hold it: the shared calls, and writes to the source by policy. */

import type { CleanUpReport } from '../contracts/clean-up.ts'
import type { Collection, WritePolicy } from '../contracts/collection.ts'
import type { CollectionDescription } from '../contracts/description.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { CacheMode, ModeOptions, Switchable } from '../contracts/mode.ts'
import type { OldVersionsReport, RemoveOldVersionsOptions } from '../contracts/old-versions.ts'
import type { CallOptions, DeleteOptions, Duration, WriteOptions } from '../contracts/options.ts'
import type { Inspection, Reading } from '../contracts/reading.ts'
import type {
  DeletionReceipt,
  DeletionReport,
  InvalidationReceipt,
  WriteReceipt,
} from '../contracts/receipts.ts'
import type { Shadowed } from '../contracts/shadow.ts'
import type { CacheKey, Store, StoreWrite } from '../contracts/source.ts'
import type { Forecast, WarmItems, WarmOptions, WarmReport } from '../contracts/warming.ts'
import type { WriteQueue } from '../contracts/write-queue.ts'
import type { BehindWrites } from './behind-writes.ts'
import { CALLS, checkCall } from './check-call.ts'
import { refuseArgument } from './field-check.ts'
import type { Keyspace } from './keyspace.ts'
import { resolveTimeouts } from './resolve-timeouts.ts'
import type { SourceWrites } from './source-writes.ts'
import type { ResolvedTimeouts, Space } from './space.ts'
import type { ForecastCall, WarmCall } from './warm-call.ts'

export interface StoreCollectionOptions<K extends CacheKey, V> {
  readonly space: Space
  readonly keyspace: Keyspace<K, V>
  readonly writes: SourceWrites
  readonly policies: Readonly<Record<'create' | 'put' | 'remove', WritePolicy>>
  /** `undefined`: nothing is written behind the cache. */
  readonly behind: BehindWrites | undefined
  /** Waits for writes that wait. */
  readonly flush: (key: K | undefined, signal: AbortSignal | undefined) => Promise<void>
  readonly cleanUp: (signal: AbortSignal | undefined) => Promise<CleanUpReport>
  /** `undefined`: nothing is written behind the cache. */
  readonly queue: WriteQueue<K, V> | undefined
  readonly removeOldVersions: (options?: RemoveOldVersionsOptions) => Promise<OldVersionsReport>
  readonly whenUnprotected: 'allow' | 'reject'
  readonly store: Store<K, V> | undefined
  readonly timeouts: ResolvedTimeouts
  readonly warm: WarmCall
  readonly forecast: ForecastCall
  readonly describe: () => CollectionDescription
  readonly setShadow: Shadowed['setShadow']
  readonly warmNow: () => Promise<WarmReport>
  readonly mode: Switchable['mode']
  readonly setMode: Switchable['setMode']
}

/** By which its cache knows a collection, whatever object shows it. */
export const SPACE: unique symbol = Symbol('space')

export class StoreCollection<K extends CacheKey, V> implements Collection<K, V> {
  readonly name: string
  readonly #options: StoreCollectionOptions<K, V>
  readonly #keyspace: Keyspace<K, V>

  constructor(options: StoreCollectionOptions<K, V>) {
    this.name = options.space.name
    Object.defineProperty(this, SPACE, { value: options.space })
    this.#options = options
    this.#keyspace = options.keyspace
  }

  get(key: K, options?: CallOptions): Promise<V | undefined> {
    return this.#keyspace.get(key, options)
  }

  read(key: K, options?: CallOptions): Promise<Reading<V>> {
    return this.#keyspace.read(key, options)
  }

  getMany(keys: Iterable<K>, options?: CallOptions): Promise<Map<K, V>> {
    return this.#keyspace.getMany(keys, options)
  }

  peek(key: K, options?: CallOptions): Promise<V | undefined> {
    return this.#keyspace.peek(key, options)
  }

  has(key: K, options?: CallOptions): Promise<boolean> {
    return this.#keyspace.has(key, options)
  }

  delete(key: K, options?: DeleteOptions): Promise<DeletionReceipt> {
    return this.#keyspace.delete(key, options)
  }

  deleteMany(keys: Iterable<K>, options?: CallOptions): Promise<DeletionReport<K>> {
    return this.#keyspace.deleteMany(keys, options)
  }

  invalidatePattern(pattern: string, options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#keyspace.invalidatePattern(pattern, options)
  }

  clear(options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#keyspace.clear(options)
  }

  expire(key: K, options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#keyspace.expire(key, options)
  }

  touch(key: K, ttl?: Duration | 'none', options?: CallOptions): Promise<boolean> {
    return this.#keyspace.touch(key, ttl, options)
  }

  ttl(key: K, options?: CallOptions): Promise<number | undefined> {
    return this.#keyspace.ttl(key, options)
  }

  noteActivity(key: K): void {
    this.#keyspace.noteActivity(key)
  }

  async cleanUp(options?: Pick<CallOptions, 'signal'>): Promise<CleanUpReport> {
    checkCall(options, CALLS.signal)
    return await this.#options.cleanUp(options?.signal)
  }

  inspect(key: K, options?: CallOptions): Promise<Inspection | undefined> {
    return this.#keyspace.inspect(key, options)
  }

  keys(pattern?: string, options?: CallOptions): AsyncIterable<K> {
    return this.#keyspace.keys(pattern, options)
  }

  refresh(key: K, options?: CallOptions): Promise<V | undefined> {
    return this.#keyspace.refresh(key, undefined, options)
  }

  removeOldVersions(options?: RemoveOldVersionsOptions): Promise<OldVersionsReport> {
    return this.#options.removeOldVersions(options)
  }

  warm(items: WarmItems<K, V>, options?: WarmOptions): Promise<WarmReport> {
    return this.#options.warm(items, options)
  }

  forecast(limit?: number): Forecast<K> | undefined {
    // The engine knows keys as what any collection may hold.
    return this.#options.forecast(limit) as Forecast<K> | undefined
  }

  describe(): CollectionDescription {
    return this.#options.describe()
  }

  setShadow(share: number): void {
    this.#options.setShadow(share)
  }

  warmNow(): Promise<WarmReport> {
    return this.#options.warmNow()
  }

  mode(): CacheMode {
    return this.#options.mode()
  }

  setMode(mode: CacheMode, options?: ModeOptions): Promise<void> {
    return this.#options.setMode(mode, options)
  }

  create(key: K, value: V, options?: WriteOptions): Promise<WriteReceipt> {
    return this.#write({ kind: 'create', key, value }, options)
  }

  put(key: K, value: V, options?: WriteOptions): Promise<WriteReceipt> {
    return this.#write({ kind: 'put', key, value }, options)
  }

  remove(key: K, options?: WriteOptions): Promise<WriteReceipt> {
    return this.#write({ kind: 'remove', key }, options)
  }

  async #write(write: StoreWrite<K, V>, options: WriteOptions | undefined): Promise<WriteReceipt> {
    const { store, writes, behind, timeouts, policies, whenUnprotected } = this.#options
    if (store === undefined) {
      throw new ConfigError({
        field: `collection(${this.name}).store`,
        expected: 'given, since the collection is written',
        actual: undefined,
      })
    }
    checkCall(options, CALLS.write)
    const { hardMs } = resolveTimeouts(options?.timeouts, {
      base: timeouts,
      path: '',
      refuse: refuseArgument,
    })
    const policy = policies[write.kind]
    const what = { write, options, hardMs }
    const waits = policy === 'behind' ? await behind?.run(what) : undefined
    if (waits !== undefined) return waits
    // The engine knows keys and values as what any collection may hold.
    return await writes.run({
      ...what,
      store: store as unknown as Store<CacheKey, unknown>,
      policy: policy === 'behind' ? 'through' : policy,
      ordered: behind !== undefined,
      whenUnprotected,
    })
  }

  get queue(): WriteQueue<K, V> {
    const { queue } = this.#options
    if (queue !== undefined) return queue
    throw new ConfigError({
      field: `collection(${this.name}).write`,
      expected: "one operation or more that is written 'behind', for a queue to look at",
      actual: this.#options.policies,
    })
  }

  async flush(key?: K, options?: Pick<CallOptions, 'signal'>): Promise<void> {
    checkCall(options, CALLS.signal)
    await this.#options.flush(key, options?.signal)
  }
}
