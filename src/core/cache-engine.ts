/**
 * A cache as its user holds it, over parts that `create-cache.ts` has made.
 *
 * It keeps the collections, hands the calls on, and sees to it that everything ends at `close`.
 */

import type { Batch, BatchOperation, BatchOptions, BatchResults } from '../contracts/batch.ts'
import type {
  AuditReport,
  BatchReport,
  Cache,
  CacheUsage,
  CleanUpReport,
  Collection,
  CollectionOptions,
  DeletionReceipt,
  DeletionReport,
  ExternalChangeReceipt,
  Inspection,
  InvalidationReceipt,
  Lock,
  OldVersionsReport,
  Reading,
  RemoveOldVersionsOptions,
} from '../contracts/cache.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { ExternalChange } from '../contracts/external-change.ts'
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
import type { RemovalMode } from '../contracts/shared-tier.ts'
import type { CacheKey, LoadContext } from '../contracts/source.ts'
import type { WarmOptions, WarmReport } from '../contracts/warming.ts'
import type { DrainReport } from '../contracts/write-behind.ts'
import { audit } from './auditor.ts'
import { runBatch } from './batch.ts'
import { cleanUpNow } from './clean-up.ts'
import { type CollectionParts, Collections } from './collections.ts'
import { DEFAULTS } from './defaults.ts'
import { checkOpen } from './engine.ts'
import type { EventStream } from './event-stream.ts'
import { applyExternalChange } from './external-change.ts'
import { checkNumber, checkTags, checkWord, durationMs, refuseArgument } from './field-check.ts'
import { Keyspace } from './keyspace.ts'
import { Locks } from './locks.ts'
import type { BatchParts } from './named-operation.ts'
import { OldVersionsRemoval } from './old-versions-removal.ts'
import { ReadTelling } from './read-telling.ts'
import { clearAll, removeTags } from './removals.ts'
import { SHARED_BATCH } from './shared-access.ts'
import type { Space } from './space.ts'
import { untilAborted } from './until-aborted.ts'
import { versionToken } from './version-token.ts'
import { type WarmCall, warmCall } from './warm-call.ts'
import { within } from './within.ts'

export interface CacheParts extends CollectionParts {
  readonly events: EventStream
  readonly compaction: number
  /** Aborts `engine.closing`. */
  readonly abort: () => void
}

const NOTHING_WAITED: DrainReport = { flushed: 0, remaining: 0, deadLettered: 0, unknown: 0 }

/** What is still running at `close` is waited for no longer than this. */
const CLOSE_MS = 5_000

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
  #closed: Promise<DrainReport> | undefined

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
    return this.#plain.refresh(key, load as PlainLoader, options) as Promise<V>
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
    checkOpen(this.#parts.engine)
    return await untilAborted(options?.signal, () =>
      clearAll(this.#parts.engine, this.#spaces.values()),
    )
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
    return this.#removeTags(tags, 'delete', options)
  }

  expireTags(tags: readonly string[], options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#removeTags(tags, 'expire', options)
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

  batch<const T extends readonly BatchOperation<unknown>[]>(
    build: (batch: Batch) => T,
    options?: BatchOptions,
  ): Promise<BatchResults<T>> {
    return runBatch(this.#batching, build, options)
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
    const subscription = this.#parts.events.on(type, listener)
    if (type === 'reads' && !this.#parts.engine.closing.aborted) this.#telling.begin()
    return subscription
  }

  async usage(): Promise<CacheUsage> {
    const { engine, memory } = this.#parts
    const { entries = 0, bytes = 0, weight = 0 } = memory ?? {}
    return {
      memory: { entries, bytes, weight },
      shared: await engine.shared?.access.usage().catch(() => undefined),
      coherence: engine.shared?.coherence.state,
      invalidations: engine.invalidations.statistics,
    }
  }

  async audit(options: AuditOptions = {}): Promise<AuditReport> {
    const { engine } = this.#parts
    checkOpen(engine)
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
    if (shared !== undefined) await untilAborted(options?.signal, () => shared.access.ready)
    if (warming === undefined) return
    await untilAborted(options?.signal, () => warming.ready())
    checkOpen(engine)
  }

  close(options: { readonly timeout?: Duration } = {}): Promise<DrainReport> {
    try {
      const timeoutMs = durationMs(options.timeout ?? DEFAULTS.closeTimeout, {
        field: 'timeout',
        refuse: refuseArgument,
        allow: 'zero',
      })
      this.#closed ??= this.#close(timeoutMs)
      return this.#closed
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(timeoutMs: number): Promise<DrainReport> {
    const { engine, memory, abort } = this.#parts
    abort()
    const warmed = engine.warming?.close()
    this.#locks.stop()
    // First, so that no hit is answered any more, and what still comes in is not kept.
    memory?.close()
    for (const space of this.#spaces.values()) {
      for (const flight of space.flights.values()) flight.abort(engine.closing.reason)
      space.reservations.killAll()
    }
    // A loader that ignores its signal may run for ever; the cache does not wait for it that long.
    const idle = engine.background.idle()
    await within(engine.clock, CLOSE_MS, idle, () => new Error('still busy')).catch(() => {})
    const still = (): Error => new Error('still warming')
    if (warmed !== undefined) await within(engine.clock, CLOSE_MS, warmed, still).catch(() => {})
    await this.#locks.close()
    const drained = (await engine.behind?.close(timeoutMs)) ?? NOTHING_WAITED
    const left = (await engine.shared?.outbox.flush()) ?? 0
    if (left > 0) engine.log.warn('close', '*', `${left} invalidations were never told`, {})
    await engine.shared?.notes.close()
    this.#telling.end()
    engine.shared?.coherence.close()
    // After the last beat was sent, and before the way to the tier is closed.
    await engine.shared?.access.leave()
    const closed = engine.shared?.access.close() ?? Promise.resolve()
    await within(engine.clock, CLOSE_MS, closed, () => new Error('not closed')).catch((error) =>
      engine.log.warn('close', '*', 'the shared tier did not close', { error }),
    )
    return drained
  }

  async #removeTags(
    tags: readonly string[],
    mode: RemovalMode,
    options: TagOptions | undefined,
  ): Promise<InvalidationReceipt> {
    const { engine, memory } = this.#parts
    checkOpen(engine)
    const match = checkWord(options?.match ?? DEFAULTS.match, ['any', 'all'], {
      field: 'match',
      refuse: refuseArgument,
    })
    const checked = checkTags(tags, {
      field: 'tags',
      refuse: refuseArgument,
      // No entry carries more.
      ...(match === 'any' ? { most: SHARED_BATCH } : {}),
    })
    if (checked.length === 0) return { state: 'done', version: versionToken([]), unconfirmed: [] }
    const removal = { tags: checked, match, mode }
    const work = (): Promise<InvalidationReceipt> =>
      engine.background.watch(removeTags(engine, memory, removal))
    return await untilAborted(options?.signal, work)
  }
}

type PlainLoader = (context: LoadContext<string>) => unknown
