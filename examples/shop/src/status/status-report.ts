/** What the cache has done since the shop started, in numbers: for `/status` and for the page. */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { QueueStatus, SharedUsage } from 'tiercel'
import type { FollowingReport } from '../cache/following.ts'
import type { PatternTraffic } from '../cache/traffic.ts'
import type { WarmRun } from '../cache/warm-runs.ts'
import type { Place } from '../database/place.ts'
import type { CountedCalls } from '../database/source-calls.ts'
import type { Shop } from '../shop.ts'
import { type ForecastReport, forecastOf } from './forecast.ts'

export interface StatusReport {
  /** Who says all this: another instance has numbers of its own. */
  readonly instance: string
  readonly uptimeSeconds: number
  readonly sharedTier: Place<'redis' | 'sqlite' | 'none'>
  readonly source: Place<'sqlite' | 'postgres'>
  /** Statements that this instance has sent to the source. */
  readonly sourceCalls: CountedCalls
  readonly following: FollowingReport
  readonly reads: {
    readonly total: number
    readonly memory: number
    readonly shared: number
    /** Answered by the source, or by waiting for somebody else's load. */
    readonly source: number
    /** Share of all reads that memory or the shared tier answered, 0 to 1; 0 before the first. */
    readonly hitRate: number
  }
  readonly loads: {
    readonly total: number
    readonly failed: number
    readonly averageMs: number
  }
  readonly writes: number
  /** Changes that wait for the source, of all instances. `undefined` while the shared tier cannot be asked. */
  readonly queue: QueueStatus | undefined
  readonly invalidations: number
  readonly tierFailures: number
  /** `undefined` while the cache cannot tell what it holds. */
  readonly memory: { readonly entries: number; readonly bytes: number } | undefined
  /** `undefined` while the shared tier cannot be asked. */
  readonly shared: SharedSize | undefined
  /** Of the whole process. */
  readonly residentBytes: number
  /** With the parts that SQLite keeps beside each file. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
  readonly patterns: readonly Readonly<PatternTraffic>[]
  /** What was filled before anyone asked; the latest run of each collection and reason. */
  readonly warming: readonly WarmRun[]
  /** `undefined`: none yet. */
  readonly forecast: ForecastReport | undefined
}

export interface SharedSize {
  readonly entries: number
  readonly bytes: number
  /** Absent: nothing bounds it but the machine. */
  readonly maxBytes?: number
}

export async function statusReport(shop: Shop): Promise<StatusReport> {
  const { cache, traffic, dataDir, instance, sharedTier, following, warmRuns } = shop
  const names = [
    ...(sharedTier?.kind === 'sqlite' ? ['cache.db'] : []),
    ...(shop.source.place.kind === 'sqlite' ? ['source.db'] : []),
  ]
  const [usage, queue, ...files] = await Promise.all([
    // Both may reject while the shared tier is given a rest, which the page is there to show.
    cache.usage().catch(() => undefined),
    queueStatus(shop).catch(() => undefined),
    ...names.map((name) => fileSize(dataDir, name)),
  ])
  const { patterns, writes, invalidations, tierFailures } = traffic
  return {
    instance,
    sharedTier: sharedTier ?? NO_TIER,
    source: shop.source.place,
    sourceCalls: shop.source.calls(),
    following: following.report(usage?.coherence),
    uptimeSeconds: Math.floor((Date.now() - shop.startedAt) / 1_000),
    reads: readsOf(patterns),
    loads: loadsOf(patterns),
    writes,
    queue,
    invalidations,
    tierFailures,
    memory: usage && { entries: usage.memory.entries, bytes: usage.memory.bytes },
    shared: usage?.shared && sharedSize(usage.shared),
    residentBytes: process.memoryUsage.rss(),
    files,
    patterns,
    warming: warmRuns.all,
    forecast: forecastOf(shop.catalogue.products),
  }
}

const NO_TIER = { kind: 'none', name: 'nothing' } as const

/** There is no queue where caching is off. @throws ConfigError; TierError */
async function queueStatus({ catalogue }: Shop): Promise<QueueStatus> {
  return await catalogue.products.queue.status()
}

/** JSON has no word for a bound that there is not. */
function sharedSize({ entries, bytes, maxBytes }: SharedUsage): SharedSize {
  return Number.isFinite(maxBytes) ? { entries, bytes, maxBytes } : { entries, bytes }
}

function readsOf(patterns: readonly PatternTraffic[]): StatusReport['reads'] {
  const memory = sum(patterns, ({ memoryHits }) => memoryHits)
  const shared = sum(patterns, ({ sharedHits }) => sharedHits)
  const looked = shared + sum(patterns, ({ sharedMisses }) => sharedMisses)
  // Who waits for somebody else's load does not look there; a change looks there past memory.
  const missed = Math.max(
    looked,
    sum(patterns, ({ memoryMisses }) => memoryMisses),
  )
  const total = memory + missed
  const hitRate = total === 0 ? 0 : (memory + shared) / total
  return { total, memory, shared, source: missed - shared, hitRate }
}

function loadsOf(patterns: readonly PatternTraffic[]): StatusReport['loads'] {
  const total = sum(patterns, ({ loads }) => loads)
  const loadMs = sum(patterns, (row) => row.loadMs)
  return {
    total,
    failed: sum(patterns, ({ failedLoads }) => failedLoads),
    averageMs: total === 0 ? 0 : loadMs / total,
  }
}

function sum(patterns: readonly PatternTraffic[], count: (row: PatternTraffic) => number): number {
  return patterns.reduce((total, row) => total + count(row), 0)
}

async function fileSize(folder: string, name: string): Promise<{ name: string; bytes: number }> {
  const parts = await Promise.all(
    ['', '-wal', '-shm'].map((ending) => bytesOf(join(folder, `${name}${ending}`))),
  )
  return { name, bytes: parts.reduce((total, bytes) => total + bytes, 0) }
}

/** SQLite removes the parts beside a file as it likes, so that one is missing is no error. */
async function bytesOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}
