/** The figures of one instance as a person reads them. */

import type { LatencySeries, MetricsSnapshot, PatternMetrics } from '../index.ts'
import { coherenceLine } from './coherence-line.ts'
import { bytes, count, counted, duration, percent } from './figures.ts'
import { healthLines } from './health-lines.ts'
import { plainText } from './plain-text.ts'
import { queueLines } from './queue-lines.ts'
import { textTable } from './text-table.ts'

/** `limit`: patterns that are shown. */
export function snapshotLines(snapshot: MetricsSnapshot, limit: number): readonly string[] {
  const { cache, instance, forMs, at, patterns, otherPatterns } = snapshot
  const more = patterns.length - limit + otherPatterns
  return [
    `${cache}  ${plainText(instance)}  for ${duration(forMs)}`,
    ...healthLines(snapshot.health, at),
    ...overviewLines(snapshot),
    '',
    ...patternTable(patterns.slice(0, limit)),
    ...(more > 0 ? [`... and ${count(more)} more patterns`] : []),
    ...queued(snapshot),
  ]
}

/** What all patterns together come to. */
function overviewLines(snapshot: MetricsSnapshot): readonly string[] {
  const { total, memory, shared, coherence, invalidations, audit } = snapshot
  const { loads } = total
  const held = `${counted(memory.entries, 'entry', 'entries')}${memory.bytes === 0 ? '' : `, ${bytes(memory.bytes)}`}`
  const filled = memory.filled === null ? '' : `, ${percent(memory.filled)} full`
  return [
    `hit rate   ${percent(total.hitRate)} of ${count(total.hits + total.misses)} reads; memory ${rateOf(total.memory)}, shared ${rateOf(total.shared)}`,
    `latency    ${['memory', 'shared', 'source'].map((tier) => latencyOf(total.latency, tier)).join('; ')}`,
    `loads      ${count(loads.loaded)} loaded, ${count(loads.absent)} absent, ${count(loads.failed)} failed, ${count(loads.fenced)} fenced; ${count(total.stale)} stale answers`,
    `memory     ${held}${filled}`,
    shared === null
      ? 'shared     none, or it does not answer'
      : `shared     ${counted(shared.entries, 'entry', 'entries')}, ${bytes(shared.bytes)}${shared.maxBytes === null ? '' : ` of ${bytes(shared.maxBytes)}`}`,
    ...(coherence === null ? [] : [coherenceLine(coherence)]),
    `changes    ${counted(invalidations.total, 'invalidation')}, ${count(invalidations.perSecond)} a second, p99 ${duration(invalidations.p99Ms)}${invalidations.pending === 0 ? '' : `, ${count(invalidations.pending)} wait for the shared tier`}`,
    ...(audit === null
      ? []
      : [
          `audit      ${audit.nines.toFixed(1)} nines; of the last ${audit.sampled}, ${audit.stale} stale`,
        ]),
  ]
}

function patternTable(patterns: readonly PatternMetrics[]): readonly string[] {
  return textTable(
    [
      { title: 'pattern', most: 40 },
      { title: 'reads', align: 'right' },
      { title: 'hits', align: 'right' },
      { title: 'memory', align: 'right' },
      { title: 'loads', align: 'right' },
      { title: 'p99 load', align: 'right' },
      { title: 'verdict' },
    ],
    patterns.map((one) => [
      one.pattern,
      count(one.hits + one.misses),
      percent(one.hitRate),
      rateOf(one.memory),
      count(one.loads.loaded),
      duration(seriesOf(one.latency, 'load', 'source')?.p99Ms),
      one.verdict.cause === null ? one.verdict.grade : `${one.verdict.grade}: ${one.verdict.cause}`,
    ]),
  )
}

export function rateOf({
  hits,
  misses,
}: {
  readonly hits: number
  readonly misses: number
}): string {
  return hits + misses === 0 ? '-' : percent(hits / (hits + misses))
}

export function seriesOf(
  all: readonly LatencySeries[],
  operation: LatencySeries['operation'],
  tier: string,
): LatencySeries | undefined {
  return all.find((one) => one.operation === operation && one.tier === tier)
}

function latencyOf(all: readonly LatencySeries[], tier: string): string {
  const series = seriesOf(all, 'get', tier)
  if (series === undefined || series.count === 0) return `${tier} -`
  return `${tier} p50 ${duration(series.p50Ms)}, p99 ${duration(series.p99Ms)}`
}

function queued({ queues }: MetricsSnapshot): readonly string[] {
  const busy = queues.filter(({ waiting, dead, away }) => waiting + dead > 0 || away)
  const lines = queueLines(
    busy.map(({ pattern, waiting, bytes, oldestMs, dead, away }) => ({
      collection: away ? `${pattern} (its source is away)` : pattern,
      waiting,
      bytes,
      oldestMs,
      deadLetters: dead,
    })),
  )
  return lines.length === 0 ? [] : ['', ...lines]
}
