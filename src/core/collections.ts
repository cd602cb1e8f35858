/** The collections of one cache, plain keys among them: declared once each, never taken back. */

import type { EnvelopeFormat, Migration } from '../contracts/codec.ts'
import type { Collection, CollectionOptions } from '../contracts/collection.ts'
import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import type { HotKeys } from '../contracts/hot-keys.ts'
import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { Workload } from '../contracts/metrics.ts'
import type { CodecOptions } from '../contracts/options.ts'
import type { CacheKey, Store } from '../contracts/source.ts'
import type { StandardSchema } from '../contracts/standard-schema.ts'
import type { CollectionWarming } from '../contracts/warming.ts'
import { checkQueues, flushBehind, writeBehind } from './behind-collection.ts'
import { cleanUpNow } from './clean-up.ts'
import type { CleanUpTimer } from './clean-up-timer.ts'
import { DEFAULTS } from './defaults.ts'
import { describeSpace } from './describe-space.ts'
import type { Engine } from './engine.ts'
import { durationMs, refuseOption } from './field-check.ts'
import { Keyspace } from './keyspace.ts'
import { guarded, type SourceGuard, type SourceLoadsOptions, sourceLoads } from './loads.ts'
import type { OldVersionsRemoval } from './old-versions-removal.ts'
import { OwnRecords } from './own-records.ts'
import { checkName, checkVersion, resolveSource } from './resolve-cache-options.ts'
import { type ResolvedEntryOptions, resolveEntryOptions } from './resolve-entry-options.ts'
import { type ResolvedIdle, resolveIdle } from './resolve-idle.ts'
import { checkWorkload } from './resolve-metrics.ts'
import { type RemovalPlan, resolveOldVersions } from './resolve-old-versions.ts'
import { resolveShadow } from './resolve-shadow.ts'
import { resolveTimeouts } from './resolve-timeouts.ts'
import { type ResolvedCollectionWarming, resolveCollectionWarming } from './resolve-warming.ts'
import { resolveWrites } from './resolve-writes.ts'
import { Shadow } from './shadow.ts'
import { setShare, shadowCall } from './shadow-call.ts'
import type { SharedHits } from './shared-hits.ts'
import { sourceBreaker } from './source-breaker.ts'
import { NO_SOURCE, SourceGauge } from './source-gauge.ts'
import { SourceWrites } from './source-writes.ts'
import { createSpace, type ResolvedTimeouts, type Space } from './space.ts'
import { SPACE, StoreCollection } from './store-collection.ts'
import { Switches } from './switches.ts'
import { WaitingWrites } from './waiting-writes.ts'
import { forecastCall, warmCall, warmNowCall } from './warm-call.ts'
import { CollectionTarget } from './warm-target.ts'

/** What collections inherit from their cache. */
export interface CollectionParts {
  readonly engine: Engine
  /** `undefined`: there is no shared tier. */
  readonly hits: SharedHits | undefined
  readonly memory: MemoryTier | undefined
  readonly entry: ResolvedEntryOptions
  readonly timeouts: ResolvedTimeouts
  readonly idle: ResolvedIdle | undefined
  readonly cleanUps: CleanUpTimer
  /** Of plain keys. */
  readonly version: number
  readonly migrate: Migration<unknown> | undefined
  /** Of plain keys; `undefined`: they are kept. */
  readonly oldVersions: RemovalPlan | undefined
  readonly workload?: Workload | undefined
  readonly shardBy: ((key: string) => string) | undefined
  /** Keys that are warmed in one batch at most. */
  readonly warmBatch: number
  /** Counts reads, for so many keys that may be asked for. */
  readonly countReads: (keys: number) => HotKeys<CacheKey>
  /** Makes the envelope of one collection; nothing given: as the cache has it. */
  readonly envelopeFor: (path: string, options: CodecOptions) => EnvelopeFormat
}

type AnyStore = Store<CacheKey, unknown>

/** They are declared, not made from data. */
const MAX_COLLECTIONS = 1000

/** Without `loadMany` each key of a batch is a call of its own, and most of those are for readers. */
const WARM_SHARE = 4

export class Collections {
  readonly #parts: CollectionParts
  readonly #oldVersions: OldVersionsRemoval
  readonly own: OwnRecords
  readonly switches: Switches
  readonly #declared = new Map<string, Collection<CacheKey, unknown>>()

  constructor(parts: CollectionParts, oldVersions: OldVersionsRemoval) {
    this.#parts = parts
    this.#oldVersions = oldVersions
    this.own = new OwnRecords(parts)
    this.switches = new Switches(parts.engine, (name) => this.own.record(name))
  }

  /** Those that were declared, in this order; plain keys are not among them. */
  get declared(): ReadonlyMap<string, Collection<CacheKey, unknown>> {
    return this.#declared
  }

  /** `undefined`: none is given. @throws ArgumentError for one of another cache. */
  spaceOf(collection: unknown): Space | undefined {
    if (collection === undefined) return undefined
    // Whoever shows a collection through another object, as tracing does, shows this of it too.
    const { [SPACE]: space } = (collection ?? {}) as { readonly [SPACE]?: Space }
    if (space !== undefined && this.#parts.engine.spaces.get(space.name) === space) return space
    throw new ArgumentError({
      field: 'collection',
      expected: 'one of this cache',
      actual: collection,
    })
  }

  addPlain(): Space {
    const { entry, timeouts, idle, version, migrate, oldVersions, shardBy, envelopeFor } =
      this.#parts
    const { workload } = this.#parts
    const space = this.#add({
      name: '',
      envelope: envelopeFor('', {}),
      options: entry,
      timeouts,
      schemaVersion: version,
      migrate,
      schema: undefined,
      tagsOf: undefined,
      load: undefined,
      idle,
      behind: false,
      versionOf: undefined,
      reads: undefined,
      heat: undefined,
      workload,
      shardBy: shardBy as Space['shardBy'],
    })
    if (oldVersions !== undefined) this.#oldVersions.start(space, oldVersions)
    return space
  }

  /** Of plain keys, whose values come with them. */
  plainTarget(space: Space): CollectionTarget {
    const { engine, warmBatch } = this.#parts
    const pressure = NO_SOURCE
    return new CollectionTarget({
      engine,
      space,
      load: undefined,
      batch: warmBatch,
      pressure,
      hottest: undefined,
      forecasts: undefined,
    })
  }

  /** @throws ConfigError */
  declare<K extends CacheKey, V>(name: string, options: CollectionOptions<K, V>): Collection<K, V> {
    return this.#declare(name, options, 'by-source').collection
  }

  /** One whose values come with each call, as those of plain keys do. @throws ConfigError */
  declareByCall<K extends CacheKey, V>(
    name: string,
    options: Omit<CollectionOptions<K, V>, 'source' | 'store'>,
  ): Keyspace<K, V> {
    return this.#declare<K, V>(name, { ...options, source: nobodyToAsk }, 'by-call').keyspace
  }

  #declare<K extends CacheKey, V>(
    name: string,
    options: CollectionOptions<K, V>,
    loads: 'by-source' | 'by-call',
  ): { readonly collection: Collection<K, V>; readonly keyspace: Keyspace<K, V> } {
    const { engine, hits, memory, envelopeFor, entry, countReads } = this.#parts
    checkName('collection', name)
    this.#checkNew(name)
    const path = `collection(${name}).`
    const { source, concurrency, batchSize, breaker: rest, lagMs } = resolveSource(name, options)
    const writes = resolveWrites(name, options)
    if (writes.behind !== undefined) checkQueues(engine, name)
    const breaker = rest && sourceBreaker(engine, name, rest)
    const base = this.#parts.timeouts
    const removal = resolveOldVersions(options.oldVersions, `${path}oldVersions`)
    const timeouts = resolveTimeouts(options.timeouts, { base, path, refuse: refuseOption })
    const own = resolveEntryOptions(options, { base: entry, path, refuse: refuseOption })
    const warm = this.#resolveWarm(name, options, own)
    const shadowing = resolveShadow(options.shadow, `${path}shadow`)
    const { clock } = engine
    const gauge = new SourceGauge({ name, clock, concurrency })
    const asks = { name, source, batchSize, clock, gauge, breaker }
    const space = this.#add({
      name,
      envelope: envelopeFor(path, options),
      options: own,
      timeouts,
      schemaVersion: checkVersion(options.version, `${path}version`),
      migrate: options.migrate,
      schema: options.schema as StandardSchema<unknown> | undefined,
      tagsOf: options.tagsOf as Space['tagsOf'],
      shardBy: options.shardBy as Space['shardBy'],
      idle: resolveIdle(options.idle, this.#parts.idle, `${path}idle`),
      behind: writes.behind !== undefined,
      versionOf: versionOf(options.store as unknown as AnyStore | undefined, {
        ...asks,
        askedFor: 'readers',
      }),
      workload: checkWorkload(options.workload, `${path}workload`),
      reads: warm?.counted === undefined ? undefined : countReads(warm.counted),
      heat: warm?.heat,
      lagMs,
      load: loads === 'by-call' ? undefined : sourceLoads({ ...asks, askedFor: 'readers' }),
    })
    const target = this.#target(space, warm, asks)
    const keyspace = new Keyspace<K, V>(engine, space, hits)
    if (removal !== undefined) this.#oldVersions.start(space, removal)
    const { policies, whenUnprotected, behind: plan } = writes
    const store = options.store as unknown as AnyStore
    const queued = plan && writeBehind({ engine, memory, space, plan, store })
    const collection = new StoreCollection<K, V>({
      space,
      keyspace,
      writes: new SourceWrites(engine, space, memory),
      policies,
      whenUnprotected,
      behind: queued?.behind,
      queue: queued && new WaitingWrites<K, V>(queued.parts),
      flush: (key, signal) => flushBehind(engine, space, key, signal),
      removeOldVersions: (asked) => this.#oldVersions.run(space, asked),
      cleanUp: (signal) => cleanUpNow(engine, [space], signal),
      store: options.store,
      timeouts,
      warm: warmCall(engine, target),
      warmNow: warmNowCall(engine, target, warm),
      forecast: forecastCall(engine, target),
      setShadow: shadowCall(engine, space, this.#shadow(space, asks, shadowing)),
      mode: () => space.mode,
      setMode: (mode, asked) => this.switches.set(space, mode, asked),
      describe: () => describeSpace(space, { policies: options.store && policies, warm }),
    })
    // The engine knows keys and values as what any collection may hold.
    this.#declared.set(name, collection as unknown as Collection<CacheKey, unknown>)
    if (warm !== undefined) engine.warming?.add(target, warm)
    return { collection, keyspace }
  }

  #shadow<V>(
    space: Space,
    asks: Omit<SourceLoadsOptions, 'askedFor'>,
    { share, same }: ReturnType<typeof resolveShadow<V>>,
  ): Shadow {
    const { engine } = this.#parts
    const { gauge, breaker } = asks
    const load = sourceLoads({ ...asks, breaker: undefined, askedFor: 'shadow' })
    const shadow = new Shadow({
      engine,
      space,
      load,
      gauge,
      breaker,
      same: same as ((cached: unknown, loaded: unknown) => unknown) | undefined,
    })
    setShare(space, shadow, share)
    return shadow
  }

  /** What warming can do with the collection. */
  #target(
    space: Space,
    warm: ResolvedCollectionWarming | undefined,
    asks: Omit<SourceLoadsOptions, 'askedFor'>,
  ): CollectionTarget {
    const { engine, warmBatch } = this.#parts
    const { source, gauge, batchSize } = asks
    const bulk = source.loadMany !== undefined
    const share = Math.max(1, Math.floor(gauge.limit / WARM_SHARE))
    return new CollectionTarget({
      engine,
      space,
      load: space.load && sourceLoads({ ...asks, askedFor: 'warming' }),
      batch: Math.min(warmBatch, bulk ? batchSize : share),
      pressure: gauge,
      hottest: warm?.start?.from === 'hottest' ? this.own.hottest() : undefined,
      forecasts: warm?.predict && this.own.forecasts(),
    })
  }

  /** `undefined`: nothing is planned, or all warming is off. @throws ConfigError */
  #resolveWarm<K extends CacheKey, V>(
    name: string,
    { warm }: CollectionOptions<K, V>,
    entry: ResolvedEntryOptions,
  ): ResolvedCollectionWarming | undefined {
    const { shared, warming } = this.#parts.engine
    if (warm === undefined) return undefined
    const given = warm as unknown as CollectionWarming<CacheKey, unknown>
    const resolved = resolveCollectionWarming(name, given, entry)
    if (resolved.start?.from === 'hottest' && shared === undefined) {
      throw new ConfigError({
        field: 'shared',
        expected: 'given, since it keeps the hottest keys for the next start',
        actual: undefined,
      })
    }
    return warming === undefined ? undefined : resolved
  }

  /** @throws ConfigError */
  #checkNew(name: string): void {
    const { spaces } = this.#parts.engine
    if (spaces.has(name)) {
      throw new ConfigError({
        field: 'collection',
        expected: 'a name that no collection of this cache has yet',
        actual: name,
      })
    }
    if (this.#declared.size >= MAX_COLLECTIONS) {
      throw new ConfigError({
        field: 'collection',
        expected: `one of at most ${MAX_COLLECTIONS} in a cache`,
        actual: name,
      })
    }
  }

  #add(options: Omit<Parameters<typeof createSpace>[0], 'memory' | 'memoryTtlMs'>): Space {
    const { engine, memory } = this.#parts
    const space = createSpace({
      ...options,
      memory: memory?.space(options.name, { noteEveryMs: options.idle?.noteEveryMs }),
      memoryTtlMs: memoryTtlMs(engine, options.options),
      watchKeys: engine.watching?.keys,
    })
    engine.spaces.set(options.name, space)
    this.switches.declared(space)
    if (engine.watching !== undefined) space.counters.sampleEvery(engine.watching.sampleHits)
    if (space.idle !== undefined) this.#parts.cleanUps.declared(space.idle.everyMs)
    return space
  }
}

/** The source of values that come with each call: whoever has only a key cannot load. */
function nobodyToAsk(): never {
  throw new ConfigError({
    field: 'source',
    expected: 'given, since a value is to be loaded without a call',
    actual: undefined,
    cure: 'Call the memoized function: it alone knows its arguments.',
  })
}

/** In the turn of the source's calls, and not while it is given a rest. */
function versionOf(store: AnyStore | undefined, guard: SourceGuard): Space['versionOf'] {
  const { versions } = store ?? {}
  if (versions === undefined) return undefined
  return (key, signal) =>
    guarded(guard, { requests: [{}], signal }, async () => {
      signal.throwIfAborted()
      return (await versions.call(store, [key], { signal })).get(key)?.version
    })
}

/** Alone, this process is where an entry lives; beside a shared tier, it holds copies for a while. */
function memoryTtlMs(engine: Engine, options: ResolvedEntryOptions): number {
  if (options.memoryTtlMs !== undefined) return options.memoryTtlMs
  return engine.shared === undefined
    ? Number.POSITIVE_INFINITY
    : durationMs(DEFAULTS.memoryTtl, { field: 'memoryTtl', refuse: refuseOption })
}
