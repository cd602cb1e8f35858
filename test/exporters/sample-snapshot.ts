/** A snapshot in which every part is there, and no two numbers are alike. */

import type { LatencySeries, MetricsSnapshot, PatternMetrics } from '../../src/contracts/metrics.ts'

export interface SampleOptions {
  readonly cache?: string
  readonly instance?: string
  readonly patterns?: readonly string[]
}

export function sampleSnapshot(options: SampleOptions = {}): MetricsSnapshot {
  const { cache = 'shop', instance = 'shop-1', patterns = ['product:*', '*'] } = options
  let last = 100
  const next = (): number => {
    last += 1
    return last
  }
  const told = patterns.map((pattern) => samplePattern(pattern, next))
  return {
    cache,
    instance,
    at: 1_790_000_000_000 + next(),
    forMs: next(),
    total: samplePattern('**', next),
    patterns: told,
    otherPatterns: next(),
    memory: { entries: next(), bytes: next(), weight: next(), filled: next() / 1000 },
    shared: { entries: next(), bytes: next(), maxBytes: next() },
    coherence: {
      ...{ shards: next(), connected: next(), blindMs: next(), hints: next() },
      ...{ gaps: next(), follows: next(), epochs: next() },
      ...{ delayP50Ms: next(), delayP99Ms: next() },
    },
    invalidations: {
      ...{ total: next(), local: next(), external: next(), remote: next(), replayed: next() },
      ...{ pending: next(), perSecond: next(), p50Ms: next(), p99Ms: next() },
    },
    breakers: [
      { tier: 'shared', pattern: '*', state: 'half-open' },
      { tier: 'source', pattern: 'product:*', state: 'closed' },
    ],
    queues: [
      {
        pattern: 'product:*',
        ...{ applied: next(), superseded: next(), retried: next(), dead: next(), lost: next() },
        ...{ calls: 1_000 + next(), failedCalls: next(), attempts: next(), batch: next() },
        callLatency: { p50Ms: next(), p95Ms: next(), p99Ms: next() },
        ...{ waiting: next(), bytes: next(), oldestMs: next(), away: true },
      },
    ],
    audit: {
      ...{ at: 1_790_000_000_000 + next(), sampled: next(), consistent: next() },
      ...{ stale: next(), unsure: next(), nines: next() },
    },
    cleanUp: {
      ...{ at: 1_790_000_000_000 + next(), removed: next(), before: next(), after: next() },
      ...{ durationMs: next(), failuresInARow: next() },
    },
    alerts: [
      {
        code: 'queue-age',
        pattern: 'product:*',
        ...{ value: next(), threshold: next(), since: 1_790_000_000_000 + next() },
        message: 'The oldest write waits for 70 s.',
        cure: 'Is the source up?',
      },
    ],
    health: {
      state: 'degraded',
      reasons: [
        {
          code: 'hit-rate',
          pattern: 'product:*',
          state: 'degraded',
          message: 'The hit rate is 40 %.',
          cure: 'Give entries a longer life.',
          since: 1_790_000_000_000 + next(),
        },
      ],
    },
  }
}

function samplePattern(pattern: string, next: () => number): PatternMetrics {
  const removals = (): PatternMetrics['removals']['memory'] => ({
    ...{ deleted: next(), replaced: next(), expired: next() },
    ...{ evicted: next(), invalidated: next() },
  })
  return {
    pattern,
    workload: 'read-heavy',
    hits: next(),
    misses: next(),
    hitRate: next() / 1000,
    memory: { hits: next(), misses: next(), errors: next() },
    shared: { hits: next(), misses: next(), errors: next() },
    stale: next(),
    unanswered: { slow: next(), failed: next() },
    loads: {
      ...{ loaded: next(), absent: next(), uncached: next(), failed: next(), fenced: next() },
      ...{ refresh: next(), ahead: next(), warming: next() },
    },
    writes: { set: next(), create: next(), put: next(), remove: next(), failed: next() },
    invalidations: next(),
    removals: { memory: removals(), shared: removals() },
    undecodable: next(),
    compression: { bytesBefore: next(), bytesAfter: next(), durationMs: next() },
    shadow: { same: next(), different: next(), failed: next() },
    latency: [sampleLatency(next, 'get', 'memory'), sampleLatency(next, 'load', 'source')],
    verdict: {
      grade: 'fair',
      range: { excellent: next() / 1000, good: next() / 1000, fair: next() / 1000 },
      cause: 'short-life',
      advice: 'Entries live for 10 s and are read every 30 s.',
      contradiction: 'It is written more often than it is read.',
    },
  }
}

function sampleLatency(
  next: () => number,
  operation: LatencySeries['operation'],
  tier: LatencySeries['tier'],
): LatencySeries {
  return {
    ...{ operation, tier, count: next(), sumMs: next() },
    buckets: [next(), next(), next(), next(), next(), next()],
    ...{ p50Ms: next(), p95Ms: next(), p99Ms: next(), maxMs: next() },
  }
}

/** Paths of all numbers in it: `patterns.0.loads.failed`. */
export function numberPaths(value: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof value === 'number') return [path.join('.')]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => numberPaths(member, [...path, name]))
}

/** A copy whose number at `path` is another one. */
export function withAnotherNumber(snapshot: MetricsSnapshot, path: string): MetricsSnapshot {
  const copy = structuredClone(snapshot)
  const names = path.split('.')
  const leaf = names.pop() ?? ''
  let at = copy as unknown as Record<string, Record<string, never> & Record<string, number>>
  for (const name of names) at = at[name] as unknown as typeof at
  const holder = at as unknown as Record<string, number>
  holder[leaf] = (holder[leaf] ?? 0) + 0.25
  return copy
}
