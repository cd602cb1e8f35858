/** All that is counted of one pattern, as a person reads it. */

import type { LatencySeries, PatternMetrics } from '../index.ts'
import { bytes, count, duration, percent } from './figures.ts'
import { plainText } from './plain-text.ts'
import { rateOf } from './snapshot-lines.ts'
import { textTable } from './text-table.ts'

export function patternLines(metrics: PatternMetrics): readonly string[] {
  const { verdict, loads, writes, removals, shadow, compression } = metrics
  const { excellent, good, fair } = verdict.range
  return [
    `${metrics.pattern}  ${metrics.workload ?? 'judged as read-heavy'}`,
    `verdict    ${verdict.grade}${verdict.cause === null ? '' : `: ${verdict.cause}`} (excellent from ${percent(excellent)}, good ${percent(good)}, fair ${percent(fair)})`,
    ...[verdict.advice, verdict.contradiction].filter((words) => words !== '').map(indented),
    `hit rate   ${percent(metrics.hitRate)} of ${count(metrics.hits + metrics.misses)} reads; memory ${rateOf(metrics.memory)}, shared ${rateOf(metrics.shared)}`,
    `loads      ${figures(loads)}`,
    `writes     ${figures(writes)}`,
    `removed    memory ${figures(removals.memory)}`,
    `           shared ${figures(removals.shared)}`,
    `stale      ${count(metrics.stale)} answers; ${count(metrics.invalidations)} invalidations; ${count(metrics.undecodable)} unreadable`,
    ...(shadow.same + shadow.different + shadow.failed === 0
      ? []
      : [`shadow     ${figures(shadow)}`]),
    ...(compression.bytesBefore === 0
      ? []
      : [
          `compressed ${bytes(compression.bytesBefore)} to ${bytes(compression.bytesAfter)} in ${duration(compression.durationMs)}`,
        ]),
    '',
    ...latencyTable(metrics.latency),
  ].map(plainText)
}

function indented(words: string): string {
  return `  ${words}`
}

/** Those that are not 0. */
function figures(of: Readonly<Record<string, number>>): string {
  const some = Object.entries(of).filter(([, value]) => value !== 0)
  return some.map(([name, value]) => `${count(value)} ${name}`).join(', ') || '-'
}

function latencyTable(series: readonly LatencySeries[]): readonly string[] {
  return textTable(
    [
      { title: 'latency' },
      { title: 'tier' },
      { title: 'count', align: 'right' },
      { title: 'p50', align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'p99', align: 'right' },
      { title: 'most', align: 'right' },
    ],
    series.map(({ operation, tier, count: times, p50Ms, p95Ms, p99Ms, maxMs }) => [
      operation,
      tier,
      count(times),
      ...[p50Ms, p95Ms, p99Ms, maxMs].map(duration),
    ]),
  )
}
