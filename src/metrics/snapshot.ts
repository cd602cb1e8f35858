/** The figures as they are shown: what was counted, with what is worked out of it. */

import type { Alert, Health } from '../contracts/health.ts'
import type { MetricsSnapshot, PatternMetrics, QueueMetrics } from '../contracts/metrics.ts'
import type { DeclaredPattern, Observed } from '../contracts/observer.ts'
import { type Collector, noQueueFigures } from './collector.ts'
import { type Bounds, filledOf } from './measure.ts'
import type { PatternFigures } from './pattern-figures.ts'
import { patternVerdict } from './pattern-verdict.ts'
import { ageOf, type Signals } from './signals.ts'

export interface SnapshotParts {
  readonly cache: string
  readonly instance: string
  readonly at: number
  /** On the monotonic clock. */
  readonly nowMs: number
  readonly forMs: number
  readonly collector: Collector
  readonly signals: Signals
  /** Learned patterns that were never told apart. */
  readonly others: number
  readonly usage: Observed
  readonly bounds: Bounds | undefined
  readonly declared: (pattern: string) => DeclaredPattern | undefined
  readonly health: Health
  readonly alerts: readonly Alert[]
}

/** What a sample of no faults can show. */
const MAX_NINES = 9

export function snapshotOf(parts: SnapshotParts): MetricsSnapshot {
  const { cache, instance, at, forMs, collector, signals, usage, health, alerts } = parts
  const patterns = [...collector.patterns].map((figures) => patternMetrics(figures, parts))
  patterns.sort((one, other) => other.hits + other.misses - one.hits - one.misses)
  return {
    cache,
    instance,
    at,
    forMs,
    total: patternMetrics(collector.total, parts),
    patterns,
    otherPatterns: collector.patterns.folded + parts.others,
    memory: { ...usage.memory, filled: filledOf(parts.bounds, usage) },
    shared: sharedOf(usage),
    coherence: coherenceOf(usage),
    invalidations: invalidationsOf(usage),
    breakers: [...signals.breakers.values()].map((breaker) => ({ ...breaker })),
    queues: queuesOf(parts),
    audit: auditOf(collector),
    cleanUp: cleanUpOf(collector, signals),
    health,
    alerts,
  }
}

/** What was counted, and what stands now. */
function queuesOf({ collector, signals, nowMs }: SnapshotParts): readonly QueueMetrics[] {
  return [...signals.queues].map(([pattern, signal]) => {
    const { away, waiting, bytes } = signal
    const { writes, calls, latency } = collector.queues.get(pattern) ?? noQueueFigures()
    const { p50Ms, p95Ms, p99Ms } = latency.figures
    const callLatency = { p50Ms, p95Ms, p99Ms }
    const oldestMs = ageOf(signal, nowMs)
    return { pattern, ...writes, ...calls, callLatency, waiting, bytes, oldestMs, away }
  })
}

function patternMetrics(
  figures: PatternFigures,
  { collector, declared }: SnapshotParts,
): PatternMetrics {
  const { pattern, counts, latency } = figures
  const workload = declared(pattern)?.workload ?? null
  const copied = structuredClone(counts)
  const reads = counts.hits + counts.misses
  return {
    pattern,
    workload,
    ...copied,
    hitRate: reads === 0 ? null : counts.hits / reads,
    latency,
    verdict: patternVerdict(figures, collector, declared),
  }
}

function sharedOf({ shared }: Observed): MetricsSnapshot['shared'] {
  return shared === undefined ? null : { ...shared, maxBytes: finite(shared.maxBytes) }
}

function coherenceOf({ coherence }: Observed): MetricsSnapshot['coherence'] {
  if (coherence === undefined) return null
  const { delay, blindMs, ...counts } = coherence
  const { p50Ms: delayP50Ms = null, p99Ms: delayP99Ms = null } = delay ?? {}
  return { ...counts, blindMs: finite(blindMs), delayP50Ms, delayP99Ms }
}

function invalidationsOf({ invalidations, pending }: Observed): MetricsSnapshot['invalidations'] {
  const { total, local, external, remote, replayed, perSecond, latency } = invalidations
  const { p50Ms = null, p99Ms = null } = latency ?? {}
  return { total, local, external, remote, replayed, pending, perSecond, p50Ms, p99Ms }
}

function auditOf({ audit }: Collector): MetricsSnapshot['audit'] {
  if (audit === undefined) return null
  const { at, event, consistent, stale } = audit
  const { sampled, unsure } = event
  return {
    at,
    sampled,
    consistent: event.consistent,
    stale: event.stale,
    unsure,
    nines: ninesOf(consistent, stale),
  }
}

/** 3 for 99.9 %; with none stale, what so many can show: one in so many and one more. */
function ninesOf(consistent: number, stale: number): number {
  const judged = consistent + stale
  if (judged === 0) return 0
  const share = stale === 0 ? 1 / (judged + 1) : stale / judged
  return Math.min(MAX_NINES, -Math.log10(share))
}

function cleanUpOf({ cleanUp }: Collector, signals: Signals): MetricsSnapshot['cleanUp'] {
  const failuresInARow = signals.cleanUpFailures
  if (cleanUp === undefined) return null
  const { removed, before, after, durationMs } = cleanUp.event
  return { at: cleanUp.at, removed, before, after, durationMs, failuresInARow }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
