/** One pattern in the words of a person on call (H1). */

import type { PatternMetrics, Verdict, Workload } from '../contracts/metrics.ts'

export interface PatternReport {
  readonly pattern: string
  readonly workload: Workload | null
  readonly expectedRange: Verdict['range']
  readonly hits: number
  readonly misses: number
  readonly total: number
  readonly hitRate: number | null
  /** Of all reads that were timed, whoever answered; `null`: none was. */
  readonly averageLatencyMs: number | null
  readonly verdict: Verdict['grade']
  readonly cause: Verdict['cause']
  readonly advice: string
  readonly contradiction: string
  /** Epoch milliseconds. */
  readonly timestamp: number
}

export function patternReport(metrics: PatternMetrics, at: number): PatternReport {
  const { pattern, workload, hits, misses, hitRate, verdict } = metrics
  return {
    pattern,
    workload,
    expectedRange: verdict.range,
    hits,
    misses,
    total: hits + misses,
    hitRate,
    averageLatencyMs: averageMs(metrics),
    verdict: verdict.grade,
    cause: verdict.cause,
    advice: verdict.advice,
    contradiction: verdict.contradiction,
    timestamp: at,
  }
}

function averageMs({ latency }: PatternMetrics): number | null {
  let count = 0
  let sumMs = 0
  for (const series of latency) {
    if (series.operation !== 'get') continue
    count += series.count
    sumMs += series.sumMs
  }
  return count === 0 ? null : sumMs / count
}
