/** Puts a cache together from its rooms: the only place that knows all of them. */

import { createEnvelopeFormat } from './codecs/envelope-format.ts'
import { jsonCodec } from './codecs/json-codec.ts'
import { resolveCompression } from './codecs/resolve-compression.ts'
import { createCoherence } from './coherence/index.ts'
import type { Cache, CacheOptions } from './contracts/cache.ts'
import type { Clock } from './contracts/clock.ts'
import type { EnvelopeFormat } from './contracts/codec.ts'
import { TierError } from './contracts/errors.ts'
import type { Report } from './contracts/events.ts'
import type { MemoryTier } from './contracts/memory-tier.ts'
import type { DeclaredPattern, Observer } from './contracts/observer.ts'
import type { CodecOptions } from './contracts/options.ts'
import type { Random } from './contracts/random.ts'
import type { ReplacementPolicyFactory } from './contracts/replacement-policy.ts'
import type { Invalidation, SharedSession } from './contracts/shared-tier.ts'
import type { WriteBehind } from './contracts/write-behind.ts'
import { startAudits } from './core/audit-timer.ts'
import { Background } from './core/background.ts'
import { CacheEngine, type CacheParts } from './core/cache-engine.ts'
import { ChangesHeard } from './core/changes-heard.ts'
import { CleanUpTimer } from './core/clean-up-timer.ts'
import { Closers } from './core/closers.ts'
import { DEFAULTS } from './core/defaults.ts'
import type { Engine } from './core/engine.ts'
import { EventLog } from './core/event-log.ts'
import { EventStream } from './core/event-stream.ts'
import { InvalidationTelling } from './core/invalidation-telling.ts'
import { learnRemoval } from './core/learn-removal.ts'
import { LocalOrder } from './core/local-order.ts'
import { OpenWrites } from './core/open-writes.ts'
import { Outbox } from './core/outbox.ts'
import { ReadNotes } from './core/read-notes.ts'
import { type ResolvedCacheOptions, resolveCacheOptions } from './core/resolve-cache-options.ts'
import { SharedAccess } from './core/shared-access.ts'
import { SharedHits } from './core/shared-hits.ts'
import type { Space } from './core/space.ts'
import { startSummary } from './core/summary-log.ts'
import { limitWords } from './core/tier-limits.ts'
import { WakeCalls } from './core/wake-calls.ts'
import { within } from './core/within.ts'
import { createMemoryTier } from './memory/memory-tier.ts'
import { SystemClock } from './memory/system-clock.ts'
import { SystemRandom } from './memory/system-random.ts'
import { createMetrics } from './metrics/create-metrics.ts'
import { createWarming } from './warming/create-warming.ts'
import { HotReads } from './warming/hot-reads.ts'
import { createWriteBehind } from './write-behind/index.ts'

/** What a cache takes from the machine; given by tests and simulations, which drive all of it. */
export interface Platform {
  readonly clock?: Clock
  readonly random?: Random
  /** Which entry leaves the memory tier when room is needed. */
  readonly policy?: ReplacementPolicyFactory
}

/**
 * A cache over the tiers that `options` name. Returns at once; the shared tier opens meanwhile, and
 * reads do without it until it is there. `ready()` tells when, and what is wrong if it never is.
 *
 * @example
 * ```ts
 * import { createCache } from 'tiercel'
 *
 * await using cache = createCache({ name: 'shop', defaults: { ttl: '5m' } })
 * const report = await cache.getOrLoad('report:today', async () => ({ rows: 42 }), { ttl: '1m' })
 * ```
 *
 * @throws ConfigError naming the option that cannot work.
 */
export function createCache(options: CacheOptions, platform: Platform = {}): Cache {
  const resolved = resolveCacheOptions(options)
  const { clock = new SystemClock(), random = new SystemRandom() } = platform
  const log = openLog(options, resolved, clock)
  const events = new EventStream((error) =>
    log.warn('listener', '*', 'a listener threw', { error }),
  )
  const report: Report = (event) => {
    log.hear(event)
    observer.hear(event)
    events.emit(event)
  }
  const invalidations = new InvalidationTelling({
    clock,
    report,
    isWanted: () =>
      resolved.metrics !== undefined || events.listens('invalidation') || log.debug !== undefined,
  })
  const closing = new AbortController()
  const closers = new Closers()
  const memory = openMemory(resolved, { clock, report, ...platform })
  const spaces = new Map<string, Space>()
  const observer = openMetrics(options, resolved, { clock, report, spaces })
  const background = new Background(
    (reason, error) => log.warn(reason, '*', 'work in the background failed', { error }),
    options.waitUntil,
  )
  // Made before anything is opened: what cannot work must leave nothing behind.
  const envelope = envelopeFor('', { own: {}, inherited: options, clock })
  const common = { clock, random, report }
  const shared = openShared(options, resolved, {
    ...common,
    invalidations,
    memory,
    spaces,
    background,
    closing: closing.signal,
  })
  const engine: Engine = {
    name: resolved.name,
    ...common,
    invalidations,
    log,
    order: new LocalOrder(),
    background,
    spaces,
    shared,
    behind: shared && openBehind(resolved.name, shared, common),
    warming: resolved.warming && createWarming({ ...common, ...resolved.warming }),
    watching: watchingOf(observer, resolved),
    maxBlindnessMs: resolved.coherence.maxBlindnessMs,
    whenBlind: resolved.coherence.whenBlind,
    closing: closing.signal,
    onClose: (listener) => closers.add(listener),
  }
  const cache = new CacheEngine({
    engine,
    hits: engine.shared && new SharedHits(engine, engine.shared),
    events,
    observer,
    shareEveryMs: resolved.metrics?.shareEveryMs,
    memory,
    cleanUps: new CleanUpTimer(engine),
    ...declared(options, resolved),
    ...warmingParts(resolved, { clock, random }),
    envelopeFor: (path, own) =>
      path === '' ? envelope : envelopeFor(path, { own, inherited: options, clock }),
    abort: () => {
      closing.abort()
      closers.tell()
    },
  })
  startTelling(engine, cache, resolved)
  return cache
}

/** What entries live by where nothing else is said. */
function declared(
  { shardBy, migrate }: CacheOptions,
  { entry, timeouts, idle, version, oldVersions, memory, workload }: ResolvedCacheOptions,
) {
  const compaction = memory?.compaction ?? DEFAULTS.memory.compaction
  return { shardBy, migrate, entry, timeouts, idle, version, oldVersions, workload, compaction }
}

function openLog(
  { logger, shared }: CacheOptions,
  { name, slowAfterMs, logKeys }: ResolvedCacheOptions,
  clock: Clock,
): EventLog {
  const log = new EventLog({ name, logger, emitWarning, clock, slowAfterMs, logKeys })
  const limits = shared && limitWords(shared)
  if (limits !== undefined) log.warn('limits', '*', limits, {})
  return log
}

function openMetrics(
  { shared }: CacheOptions,
  { name, instance = instanceName(), metrics, memory, alerts }: ResolvedCacheOptions,
  parts: {
    readonly clock: Clock
    readonly report: Report
    readonly spaces: ReadonlyMap<string, Space>
  },
): Observer {
  const { clock, report, spaces } = parts
  return createMetrics({
    cache: name,
    instance,
    clock,
    report,
    patterns: metrics?.patterns,
    hasShared: shared !== undefined,
    bounds: memory,
    thresholds: alerts,
    declared: (pattern) => declaredAs(spaces, pattern),
  })
}

function watchingOf({ keys }: Observer, { metrics }: ResolvedCacheOptions): Engine['watching'] {
  return keys && metrics && { keys, sampleHits: metrics.sampleHits }
}

/** By the pattern that events name it with. */
function declaredAs(
  spaces: ReadonlyMap<string, Space>,
  pattern: string,
): DeclaredPattern | undefined {
  const space = spaces.get(pattern.slice(0, -2))
  if (space?.pattern !== pattern) return undefined
  return { pattern, workload: space.workload, ttlMs: space.options.ttlMs }
}

/** What collections need to be kept warm. */
function warmingParts(
  { warming }: ResolvedCacheOptions,
  parts: { readonly clock: Clock; readonly random: Random },
): Pick<CacheParts, 'warmBatch' | 'countReads'> {
  const { batch } = warming ?? DEFAULTS.warming
  return { warmBatch: batch, countReads: (keys) => new HotReads({ ...parts, keys }) }
}

function startTelling(engine: Engine, cache: CacheEngine, resolved: ResolvedCacheOptions): void {
  const { coherence, summaryEveryMs, auditEveryMs } = resolved
  if (engine.shared !== undefined && coherence.mode.kind === 'at-most-once') {
    const words = 'changes are heard at most once: a copy may be stale for its whole life'
    engine.log.warn('coherence', '*', words, {})
  }
  if (summaryEveryMs !== undefined) startSummary({ engine, cache, everyMs: summaryEveryMs })
  if (auditEveryMs !== undefined) startAudits({ engine, cache, everyMs: auditEveryMs })
}

function openMemory(
  { memory }: ResolvedCacheOptions,
  parts: {
    readonly clock: Clock
    readonly report: Report
    readonly policy?: ReplacementPolicyFactory
  },
): MemoryTier | undefined {
  return memory === undefined ? undefined : createMemoryTier({ bounds: memory, ...parts })
}

/** Carries out what other instances have queued as well. */
function openBehind(
  name: string,
  { access }: NonNullable<Engine['shared']>,
  common: { readonly clock: Clock; readonly random: Random; readonly report: Report },
): WriteBehind {
  const { pending: steps, shards } = access
  return createWriteBehind({ name, steps, shards, ...common })
}

/** Reads go on without the tier after this long, whatever becomes of it. */
const OPENING_MS = 1_000

interface SharedOpening {
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
  readonly invalidations: InvalidationTelling
  readonly memory: MemoryTier | undefined
  readonly spaces: ReadonlyMap<string, Space>
  readonly background: Background
  readonly closing: AbortSignal
}

function openShared(
  { shared }: CacheOptions,
  resolved: ResolvedCacheOptions,
  parts: SharedOpening,
): Engine['shared'] {
  if (shared === undefined) return undefined
  const { clock, random, report, memory, spaces, background } = parts
  const { name, sharedTimeoutMs, instance = instanceName(), coherence: plan } = resolved
  const follow = plan.mode.kind === 'poll' ? 'poll' : 'push'
  const session = shared.open({ name, instance, clock, random, report, follow })
  const writes = new OpenWrites()
  const leases = new WakeCalls(clock)
  const locks = new WakeCalls(clock)
  const listener = new ChangesHeard({
    clock,
    spaces,
    memory,
    leases,
    locks,
    report,
    closing: parts.closing,
    answered: () => access.recovered(),
    invalidated: (changes, origin) => parts.invalidations.heard(changes, origin),
    renewed: (shard) => writes.beginAgain(shard, access, background),
  })
  // Nothing is a copy of anything before the tier has been followed once.
  memory?.trustUntil(Number.NEGATIVE_INFINITY)
  let opened = false
  const followed = inTime(session, clock, {
    budgetMs: sharedTimeoutMs,
    onOpen: () => {
      opened = true
    },
  })
  const coherence = createCoherence({
    session: followed,
    clock,
    random,
    // What keeps a tier from being opened is told by `ready`, and by each call.
    report: (event) => (opened ? report(event) : undefined),
    listener,
    ...plan,
  })
  const access = new SharedAccess({
    session,
    timeoutMs: sharedTimeoutMs,
    clock,
    random,
    report,
    note: (moment, isOwn) => {
      coherence.note(moment.shard, moment.epoch)
      if (isOwn) coherence.made(moment)
    },
  })
  const send = async (what: Invalidation): Promise<void> => {
    const { moments } = await access.invalidate(what)
    learnRemoval(coherence, what, moments)
  }
  const outbox = new Outbox({ clock, random, send })
  const note = access.idle.note
  const notes = new ReadNotes({ clock, background, note })
  const limits = new Set(shared.limits ?? [])
  return { limits, access, outbox, coherence, notes, writes, leases, locks }
}

/** The steps by which changes are followed, none of which may take longer than any other. */
function inTime(
  session: SharedSession,
  clock: Clock,
  { budgetMs, onOpen }: { readonly budgetMs: number; readonly onOpen: () => void },
): Parameters<typeof createCoherence>[0]['session'] {
  const late = (): TierError =>
    new TierError('shared', `The shared tier could not be followed within ${budgetMs} ms.`)
  return {
    shards: session.shards,
    hints: session.hints,
    mark: session.mark,
    place: (key) => session.place(key),
    listen: (listener) => session.listen(listener),
    // A tier that is being opened has its own patience, and answers nobody meanwhile.
    follow: async (request) => {
      await within(clock, OPENING_MS, session.ready, late)
      onOpen()
      return await within(clock, budgetMs, session.follow(request), late)
    },
    sweepPattern: (shard, number) =>
      within(clock, budgetMs, session.sweepPattern(shard, number), late),
  }
}

/** The host and the process's number, where there is a process. */
function instanceName(): string {
  const { process } = globalThis as {
    process?: { pid?: number; env?: Readonly<Record<string, string | undefined>> }
  }
  return `${process?.env?.['HOSTNAME'] ?? 'host'}:${process?.pid ?? 0}`
}

function envelopeFor(
  path: string,
  parts: { readonly own: CodecOptions; readonly inherited: CodecOptions; readonly clock: Clock },
): EnvelopeFormat {
  const { own, inherited, clock } = parts
  const { algorithm, above, maxInflatedBytes } = DEFAULTS
  const defaults = { algorithm, above, maxInflatedBytes }
  const asked = own.compression ?? inherited.compression
  const compression = resolveCompression(asked, defaults, path)
  const json = jsonCodec()
  const write = own.codec ?? inherited.codec ?? json
  return createEnvelopeFormat({ codecs: [json], write, clock, ...compression })
}

/** Where warnings go without a logger: `process.emitWarning`, where there is a process. */
function emitWarning(message: string): void {
  const { process } = globalThis as {
    process?: { emitWarning?: (warning: string, type: string) => void }
  }
  process?.emitWarning?.(message, 'TiercelWarning')
}
