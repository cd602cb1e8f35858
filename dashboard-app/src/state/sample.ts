/** What happened between two snapshots: rates, hit rates and average times, for charts and tiles. */

import type { MetricsSnapshot, PatternMetrics } from 'tiercel'

export const answering = ['memory', 'shared', 'source'] as const
export type Answering = (typeof answering)[number]

/** Of one interval between snapshots, about a second; rates are of one second. */
export interface Sample {
  /** Epoch milliseconds, by the clock of the instance. */
  readonly at: number
  readonly readsPerS: Readonly<Record<Answering, number>>
  /** Shares of 1 of the reads that a tier was asked for; `null`: it was asked for none. */
  readonly hitRate: number | null
  readonly memoryHitRate: number | null
  readonly sharedHitRate: number | null
  /** Average time of the reads that a tier has answered; `null`: it has answered none. */
  readonly readMs: Readonly<Record<Answering, number | null>>
  readonly loadsPerS: number
  readonly loadMs: number | null
  readonly failedPerS: number
  readonly stalePerS: number
  readonly invalidationsPerS: number
  /** Loads that nobody waited for, by their reason. */
  readonly aheadPerS: number
  readonly refreshPerS: number
  readonly warmingPerS: number
  /** Writes that wait for the source, and the age of the oldest. */
  readonly waiting: number
  readonly oldestMs: number
}

/** `undefined`: they are not of one count, since the instance began anew or is another. */
export function sampleBetween(before: MetricsSnapshot, after: MetricsSnapshot): Sample | undefined {
  const seconds = (after.at - before.at) / 1_000
  if (before.instance !== after.instance || after.forMs < before.forMs || seconds <= 0) {
    return undefined
  }
  const [was, is] = [before.total, after.total]
  const memoryHits = is.memory.hits - was.memory.hits
  const sharedHits = is.shared.hits - was.shared.hits
  const misses = is.misses - was.misses
  const load = timeBetween(was, is, 'load', 'source')
  return {
    at: after.at,
    readsPerS: {
      memory: memoryHits / seconds,
      shared: sharedHits / seconds,
      source: misses / seconds,
    },
    hitRate: share(is.hits - was.hits, misses),
    memoryHitRate: share(memoryHits, is.memory.misses - was.memory.misses),
    sharedHitRate: share(sharedHits, is.shared.misses - was.shared.misses),
    readMs: {
      memory: timeBetween(was, is, 'get', 'memory').averageMs,
      shared: timeBetween(was, is, 'get', 'shared').averageMs,
      source: timeBetween(was, is, 'get', 'source').averageMs,
    },
    loadsPerS: load.count / seconds,
    loadMs: load.averageMs,
    failedPerS: (failures(is) - failures(was)) / seconds,
    stalePerS: (is.stale - was.stale) / seconds,
    invalidationsPerS: (after.invalidations.total - before.invalidations.total) / seconds,
    aheadPerS: (is.loads.ahead - was.loads.ahead) / seconds,
    refreshPerS: (is.loads.refresh - was.loads.refresh) / seconds,
    warmingPerS: (is.loads.warming - was.loads.warming) / seconds,
    waiting: after.queues.reduce((sum, { waiting }) => sum + waiting, 0),
    oldestMs: Math.max(0, ...after.queues.map(({ oldestMs }) => oldestMs)),
  }
}

/** Loads and writes that failed, and calls of the shared tier that were not answered. */
export function failures(metrics: PatternMetrics): number {
  return metrics.loads.failed + metrics.writes.failed + metrics.shared.errors
}

function share(hits: number, misses: number): number | null {
  return hits + misses > 0 ? hits / (hits + misses) : null
}

function timeBetween(
  was: PatternMetrics,
  is: PatternMetrics,
  operation: string,
  tier: string,
): { count: number; averageMs: number | null } {
  const [before, after] = [seriesOf(was, operation, tier), seriesOf(is, operation, tier)]
  const count = (after?.count ?? 0) - (before?.count ?? 0)
  const sumMs = (after?.sumMs ?? 0) - (before?.sumMs ?? 0)
  return { count, averageMs: count > 0 ? sumMs / count : null }
}

export function seriesOf(
  metrics: PatternMetrics,
  operation: string,
  tier: string,
): PatternMetrics['latency'][number] | undefined {
  return metrics.latency.find((one) => one.operation === operation && one.tier === tier)
}
