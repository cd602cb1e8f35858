/**
 * A cache as its user holds it, over parts that `create-cache.ts` has made.
 *
 * It keeps the collections, hands the calls on, and sees to it that everything ends at `close`.
 */

import type { AfterCommitOptions, CommitChanges, CommitReceipt } from '../contracts/after-commit.ts'
import type { Batch, BatchOperation, BatchOptions, BatchResults } from '../contracts/batch.ts'
import type { Cache } from '../contracts/cache.ts'
import type { CleanUpReport } from '../contracts/clean-up.ts'
import type { Collection, CollectionOptions } from '../contracts/collection.ts'
import type { CollectionDescription } from '../contracts/description.ts'
import { ConfigError } from '../contracts/errors.ts'
import { EVENT_TYPES } from '../contracts/event-types.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { ExternalChange } from '../contracts/external-change.ts'
import type { Health } from '../contracts/health.ts'
import type { Lock } from '../contracts/lock.ts'
import type { Memoized, MemoizeOptions } from '../contracts/memoize.ts'
import type { InstanceReport, MetricsSnapshot } from '../contracts/metrics.ts'
import type { CacheMode, ModeOptions } from '../contracts/mode.ts'
import type { Observed, Observer } from '../contracts/observer.ts'
import type { OldVersionsReport, RemoveOldVersionsOptions } from '../contracts/old-versions.ts'
import type {
  AuditOptions,
  CallOptions,
  DeleteOptions,
  Duration,
  EntryOptions,
  LockOptions,
  TagOptions,
  VersionToken,
} from '../contracts/options.ts'
import type { Inspection, Reading } from '../contracts/reading.ts'
import type {
  BatchReport,
  DeletionReceipt,
  DeletionReport,
  ExternalChangeReceipt,
  InvalidationReceipt,
} from '../contracts/receipts.ts'
import type { CacheKey, LoadContext } from '../contracts/source.ts'
import type { AuditReport, CacheUsage } from '../contracts/usage.ts'
import type { WarmOptions, WarmReport } from '../contracts/warming.ts'
import type { DrainReport } from '../contracts/write-behind.ts'
import { afterCommit, type TransactionLike } from './after-commit.ts'
import { audit } from './auditor.ts'
import { awake } from './awake.ts'
import { runBatch } from './batch.ts'
import { CALLS, checkCall } from './check-call.ts'
import { cleanUpNow } from './clean-up.ts'
import { closeCache } from './close-cache.ts'
import { type CollectionParts, Collections } from './collections.ts'
import type { ChangedSpace } from './commit-attempt.ts'
import { DEFAULTS } from './defaults.ts'
import { describeSpace } from './describe-space.ts'
import { checkOpen } from './engine.ts'
import type { EventStream } from './event-stream.ts'
import { applyExternalChange } from './external-change.ts'
import { checkNumber, checkWord, durationMs, refuseArgument } from './field-check.ts'
import { FleetTelling } from './fleet-telling.ts'
import { Keyspace } from './keyspace.ts'
import { Locks } from './locks.ts'
import { memoize } from './memoize.ts'
import type { BatchParts } from './named-operation.ts'
import { OldVersionsRemoval } from './old-versions-removal.ts'
import { ReadTelling } from './read-telling.ts'
import { clearAll } from './removals.ts'
import { removeTagsCall } from './remove-tags-call.ts'
import { SourceWrites } from './source-writes.ts'
import type { Space } from './space.ts'
import { untilAborted } from './until-aborted.ts'
import { type WarmCall, warmCall } from './warm-call.ts'

export interface CacheParts extends CollectionParts {
  readonly events: EventStream
  readonly observer: Observer
  /** Time between two records of this instance in the shared tier; `undefined`: it leaves none. */
  readonly shareEveryMs: number | undefined
  readonly compaction: number
  /** Aborts `engine.closing`. */
  readonly abort: () => void
}

export class CacheEngine implements Cache {
  readonly name: string
  readonly #parts: CacheParts
  readonly #spaces: Map<string, Space>
  readonly #plain: Keyspace<string, unknown>
  readonly #collections: Collections
  readonly #telling: ReadTelling
  readonly #locks: Locks
  readonly #oldVersions: OldVersionsRemoval
  readonly #batching: BatchParts
  readonly #warm: WarmCall
  readonly #fleet: FleetTelling | undefined
  #closed: Promise<DrainReport> | undefined
  /** Epoch milliseconds. */
  #closedAt: number | undefined

  constructor(parts: CacheParts) {
    this.#parts = parts
    this.#spaces = parts.engine.spaces
    this.name = parts.engine.name
    this.#telling = new ReadTelling(parts.engine, parts.events, () => this.#spaces.values())
    this.#locks = new Locks(parts.engine)
    this.#oldVersions = new OldVersionsRemoval(parts.engine, this.#locks)
    this.#collections = new Collections(parts, this.#oldVersions)
    const space = this.#collections.addPlain()
    this.#plain = new Keyspace(parts.engine, space, parts.hits)
    this.#warm = warmCall(parts.engine, this.#collections.plainTarget(space))
    this.#fleet = this.#startFleet()
    parts.observer.start({
      now: () => this.#seenNow(undefined),
      tellReads: () => this.#telling.tell(),
    })
    this.#batching = { engine: parts.engine, space, plain: this.#plain }
  }

  get<V = unknown>(key: string, options?: CallOptions): Promise<V | undefined> {
    return this.#plain.get(key, options) as Promise<V | undefined>
  }

  read<V = unknown>(key: string, options?: CallOptions): Promise<Reading<V>> {
    return this.#plain.read(key, options) as Promise<Reading<V>>
  }

  getMany<V = unknown>(keys: Iterable<string>, options?: CallOptions): Promise<Map<string, V>> {
    return this.#plain.getMany(keys, options) as Promise<Map<string, V>>
  }

  peek<V = unknown>(key: string, options?: CallOptions): Promise<V | undefined> {
    return this.#plain.peek(key, options) as Promise<V | undefined>
  }

  has(key: string, options?: CallOptions): Promise<boolean> {
    return this.#plain.has(key, options)
  }

  set<V>(key: string, value: V, options?: EntryOptions & CallOptions): Promise<VersionToken> {
    return this.#plain.set(key, value, options)
  }

  setMany<V>(
    entries: Iterable<readonly [string, V]>,
    options?: EntryOptions & CallOptions,
  ): Promise<BatchReport<string>> {
    return this.#plain.setMany(entries, options)
  }

  getOrLoad<V>(
    key: string,
    load: (context: LoadContext<string>) => Promise<V> | V,
    options?: EntryOptions & CallOptions,
  ): Promise<V> {
    return this.#plain.getOrLoad(key, load as PlainLoader, options) as Promise<V>
  }

  readOrLoad<V>(
    key: string,
    load: (context: LoadContext<string>) => Promise<V> | V,
    options?: EntryOptions & CallOptions,
  ): Promise<Reading<V>> {
    return this.#plain.readOrLoad(key, load as PlainLoader, options) as Promise<Reading<V>>
  }

  refresh<V>(
    key: string,
    load: (context: LoadContext<string>) => Promise<V> | V,
    options?: EntryOptions & CallOptions,
  ): Promise<V> {
    // Without one, it would be that of a collection.
    const loader = (load ?? NO_LOADER) as PlainLoader
    return this.#plain.refresh(key, loader, options) as Promise<V>
  }

  delete(key: string, options?: DeleteOptions): Promise<DeletionReceipt> {
    return this.#plain.delete(key, options)
  }

  deleteMany(keys: Iterable<string>, options?: CallOptions): Promise<DeletionReport<string>> {
    return this.#plain.deleteMany(keys, options)
  }

  invalidatePattern(pattern: string, options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#plain.invalidatePattern(pattern, options)
  }

  async clear(options?: CallOptions): Promise<InvalidationReceipt> {
    const { engine } = this.#parts
    checkOpen(engine)
    checkCall(options, CALLS.call)
    const begun = async (): Promise<InvalidationReceipt> => {
      await engine.shared?.coherence.beginning
      return await clearAll(engine, this.#spaces.values())
    }
    // Waited for by `close`, so that a change that the tier refuses still reaches the outbox.
    return await untilAborted(options?.signal, () => engine.background.watch(begun()))
  }

  expire(key: string, options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#plain.expire(key, options)
  }

  touch(key: string, ttl?: Duration | 'none', options?: CallOptions): Promise<boolean> {
    return this.#plain.touch(key, ttl, options)
  }

  ttl(key: string, options?: CallOptions): Promise<number | undefined> {
    return this.#plain.ttl(key, options)
  }

  noteActivity(key: string): void {
    this.#plain.noteActivity(key)
  }

  inspect(key: string, options?: CallOptions): Promise<Inspection | undefined> {
    return this.#plain.inspect(key, options)
  }

  keys(pattern?: string, options?: CallOptions): AsyncIterable<string> {
    return this.#plain.keys(pattern, options)
  }

  removeOldVersions(options?: RemoveOldVersionsOptions): Promise<OldVersionsReport> {
    return this.#oldVersions.run(this.#batching.space, options)
  }

  invalidateTags(tags: readonly string[], options?: TagOptions): Promise<InvalidationReceipt> {
    return this.#removeTags({ tags, mode: 'delete', options })
  }

  expireTags(tags: readonly string[], options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#removeTags({ tags, mode: 'expire', options })
  }

  async onExternalChange(event: ExternalChange): Promise<ExternalChangeReceipt> {
    const { engine, memory } = this.#parts
    checkOpen(engine)
    await engine.shared?.coherence.beginning
    // Waited for by `close`, so that a change that the tier refuses still reaches the outbox.
    return await engine.background.watch(applyExternalChange(engine, memory, event))
  }

  warm<V>(
    entries: Iterable<readonly [string, V]> | AsyncIterable<readonly [string, V]>,
    options?: WarmOptions,
  ): Promise<WarmReport> {
    return this.#warm(entries, options)
  }

  collection<K extends CacheKey, V>(
    name: string,
    options: CollectionOptions<K, V>,
  ): Collection<K, V> {
    checkOpen(this.#parts.engine)
    return this.#collections.declare(name, options)
  }

  memoize<F extends (...args: never) => unknown>(
    fn: F,
    options: MemoizeOptions<Parameters<F>, Awaited<ReturnType<F>>>,
  ): Memoized<Parameters<F>, Awaited<ReturnType<F>>> {
    checkOpen(this.#parts.engine)
    return memoize((name, given) => this.#collections.declareByCall(name, given), fn, options)
  }

  get collections(): ReadonlyMap<string, Collection<CacheKey, unknown>> {
    return this.#collections.declared
  }

  describe(): CollectionDescription {
    return describeSpace(this.#batching.space, { policies: undefined, warm: undefined })
  }

  mode(): CacheMode {
    return this.#batching.space.mode
  }

  setMode(mode: CacheMode, options?: ModeOptions): Promise<void> {
    return this.#collections.switches.set(this.#batching.space, mode, options)
  }

  batch<const T extends readonly BatchOperation<unknown>[]>(
    build: (batch: Batch) => T,
    options?: BatchOptions,
  ): Promise<BatchResults<T>> {
    return runBatch(this.#batching, build, options)
  }

  async afterCommit<T, C>(
    transaction: TransactionLike<C>,
    work: (client: C, changes: CommitChanges) => Promise<T>,
    options: AfterCommitOptions = {},
  ): Promise<CommitReceipt<T>> {
    const { engine } = this.#parts
    checkOpen(engine)
    checkCall(options, CALLS.commit)
    const { timeout = this.#batching.space.timeouts.hardMs } = options
    const hardMs = durationMs(timeout, { field: 'timeout', refuse: refuseArgument })
    const carrier = (): string => `tiercel:commit:${engine.random.id()}`
    const spaceOf = (collection: unknown): ChangedSpace => this.#spaceOf(collection)
    return await afterCommit({ spaceOf, hardMs, carrier }, transaction, work, options)
  }

  lock(names: string | readonly string[], options?: LockOptions): Promise<Lock> {
    return this.#locks.lock(names, options)
  }

  tryLock(
    names: string | readonly string[],
    options?: Omit<LockOptions, 'wait' | 'retry'>,
  ): Promise<Lock | undefined> {
    return this.#locks.tryLock(names, options)
  }

  waitForUnlock(
    name: string,
    options?: Pick<LockOptions, 'wait' | 'retry' | 'signal'>,
  ): Promise<void> {
    return this.#locks.waitForUnlock(name, options)
  }

  on<T extends CacheEvent['type']>(
    type: T,
    listener: (event: Extract<CacheEvent, { type: T }>) => void,
  ): Disposable {
    checkWord(type, EVENT_TYPES, { field: 'type', refuse: refuseArgument })
    const subscription = this.#parts.events.on(type, listener)
    const counted = type === 'reads' || type === 'answers'
    if (counted && !this.#parts.engine.closing.aborted) this.#telling.begin()
    return subscription
  }

  async usage(): Promise<CacheUsage> {
    const { pending: _, queues: __, ...usage } = await this.#observed()
    return usage
  }

  async stats(): Promise<MetricsSnapshot> {
    return this.#counted(await this.#observed())
  }

  async health(): Promise<Health> {
    this.#telling.tell()
    const health = this.#parts.observer.health(await this.#observed())
    const since = this.#closedAt
    if (since === undefined) return health
    const cure = 'Nothing is to be done where the process is to end.'
    const about = { pattern: '*', message: 'The cache was closed.', cure, since } as const
    const closed = { code: 'closed', state: 'unhealthy', ...about } as const
    return { state: 'unhealthy', reasons: [closed, ...health.reasons] }
  }

  async fleet(): Promise<readonly InstanceReport[]> {
    checkOpen(this.#parts.engine)
    const stats = await this.stats()
    const others = (await this.#fleet?.others()) ?? []
    return [{ instance: stats.instance, at: stats.at, own: true, stats }, ...others]
  }

  async audit(options: AuditOptions = {}): Promise<AuditReport> {
    const { engine } = this.#parts
    checkOpen(engine)
    checkCall(options, CALLS.audit)
    const { sample = DEFAULTS.audit.sample, within: span = DEFAULTS.audit.within } = options
    return await audit(engine, {
      sample: checkNumber(sample, {
        field: 'sample',
        refuse: refuseArgument,
        least: 1,
        most: 10_000,
        whole: true,
      }),
      withinMs: durationMs(span, { field: 'within', refuse: refuseArgument }),
    })
  }

  async cleanUp(options?: Pick<CallOptions, 'signal'>): Promise<CleanUpReport> {
    checkCall(options, CALLS.signal)
    return await cleanUpNow(this.#parts.engine, [...this.#spaces.values()], options?.signal)
  }

  compact(share?: number): number {
    const checked = checkNumber(share ?? this.#parts.compaction, {
      field: 'share',
      refuse: refuseArgument,
      least: 0,
      most: 1,
    })
    return this.#parts.memory?.compact(checked) ?? 0
  }

  async ready(options?: Pick<CallOptions, 'signal'>): Promise<void> {
    const { engine } = this.#parts
    const { shared, warming } = engine
    checkCall(options, CALLS.signal)
    const { signal } = options ?? {}
    if (shared !== undefined) {
      await awake(engine.clock, () => untilAborted(signal, () => shared.access.ready))
    }
    if (warming === undefined) return
    await untilAborted(signal, () => warming.ready())
    checkOpen(engine)
  }

  close(options: { readonly timeout?: Duration } = {}): Promise<DrainReport> {
    try {
      checkCall(options, CALLS.close)
      const timeoutMs = durationMs(options.timeout ?? DEFAULTS.closeTimeout, {
        field: 'timeout',
        refuse: refuseArgument,
        allow: 'zero',
      })
      this.#closedAt ??= this.#parts.engine.clock.now()
      this.#closed ??= closeCache(
        {
          ...this.#parts,
          spaces: this.#spaces.values(),
          locks: this.#locks,
          telling: this.#telling,
        },
        timeoutMs,
      )
      return this.#closed
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #removeTags(what: Parameters<typeof removeTagsCall>[2]): Promise<InvalidationReceipt> {
    return removeTagsCall(this.#parts.engine, this.#parts.memory, what)
  }

  /** @throws ArgumentError for a collection of another cache. */
  #spaceOf(collection: unknown): ChangedSpace {
    const { engine, memory } = this.#parts
    const space = this.#collections.spaceOf(collection) ?? this.#batching.space
    return { space, writes: new SourceWrites(engine, space, memory) }
  }

  #startFleet(): FleetTelling | undefined {
    const { engine, shareEveryMs: everyMs } = this.#parts
    const records = engine.watching && this.#collections.own.fleet()
    const stats = (): Promise<MetricsSnapshot> => this.stats()
    return records && new FleetTelling({ engine, records, everyMs, stats })
  }

  async #observed(): Promise<Observed> {
    const { shared } = this.#parts.engine
    await this.#askForDeadLetters()
    return this.#seenNow(await shared?.access.usage().catch(() => undefined))
  }

  /** Another instance may have seen to them: no event tells that here. */
  async #askForDeadLetters(): Promise<void> {
    const { observer, engine } = this.#parts
    if (engine.closing.aborted) return
    const asked = observer.withDeadLetters.map(async (pattern) => {
      await this.collections.get(pattern.slice(0, -2))?.queue.status()
    })
    // A tier that does not answer leaves what was told before.
    await Promise.allSettled(asked)
  }

  #seenNow(shared: CacheUsage['shared']): Observed {
    const { engine, memory } = this.#parts
    const { entries = 0, bytes = 0, weight = 0 } = memory ?? {}
    return {
      memory: { entries, bytes, weight },
      shared,
      coherence: engine.shared?.coherence.state,
      invalidations: engine.invalidations.statistics,
      pending: engine.shared?.outbox.size ?? 0,
      queues: engine.behind?.sight() ?? [],
    }
  }

  #counted(observed: Observed): MetricsSnapshot {
    this.#telling.tell()
    const snapshot = this.#parts.observer.snapshot(observed)
    if (snapshot !== undefined) return snapshot
    throw new ConfigError({
      field: 'metrics',
      expected: 'on, since figures are asked for',
      actual: 'off',
      cure: "Leave `metrics: 'off'` out.",
    })
  }
}

/** Refused where it is called, as whatever is no function. */
const NO_LOADER: unknown = null

type PlainLoader = (context: LoadContext<string>) => unknown
