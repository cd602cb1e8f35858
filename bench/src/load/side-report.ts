/** Adds the passes of one side up. Called by `run-load.ts`. */

import { quantile } from '../measure/quantile.ts'
import type { LatencyFigures } from './cannon-questions.ts'
import type { SourceComparison } from './judge-questions.ts'
import type { PassReport, ProcessorTime, SideReport } from './load-report.ts'
import type { PassResult } from './run-pass.ts'

/** `results`: at least one; each knows what was judged and counted until its end. */
export function sideReport(results: readonly PassResult[], compared: SourceComparison): SideReport {
  const passes = results.map(({ pass }) => pass)
  const last = results.at(-1)
  if (last === undefined) throw new Error('Expected a pass.')
  const requests = total(passes, (pass) => pass.requests)
  const source = {
    reads: total(passes, (pass) => pass.source.reads),
    writes: total(passes, (pass) => pass.source.writes),
  }
  const answeredBy = answered(passes)
  const hits = answeredBy.memory + answeredBy.shared
  return {
    passes,
    requests,
    requestsPerSecond: median(passes.map((pass) => pass.requestsPerSecond)),
    latencyMs: {
      read: latency(passes.map(({ latencyMs }) => latencyMs.read)),
      write: latency(passes.map(({ latencyMs }) => latencyMs.write)),
    },
    answeredBy,
    hitRate: hits / Math.max(1, hits + answeredBy.source),
    source,
    sourceByThousandRequests: ((source.reads + source.writes) * 1_000) / Math.max(1, requests),
    processorByThousandRequests: processor(passes, requests),
    coherence: last.status.coherence,
    tierFailures: last.status.tierFailures,
    refused: refusals(passes),
    errors: total(passes, (pass) => pass.errors),
    judged: last.judged,
    atTheEnd: { ...compared, deadLetters: last.status.queue.deadLetters },
  }
}

function answered(passes: readonly PassReport[]): SideReport['answeredBy'] {
  const seconds = passes.flatMap((pass) => pass.perSecond)
  return {
    memory: total(seconds, ({ reads }) => reads.memory),
    shared: total(seconds, ({ reads }) => reads.shared),
    source: total(seconds, ({ reads }) => reads.source),
  }
}

/** Percentiles of the passes cannot be added; their median stands for them, and the worst maximum. */
function latency(figures: readonly LatencyFigures[]): LatencyFigures {
  return {
    p50: median(figures.map(({ p50 }) => p50)),
    p90: median(figures.map(({ p90 }) => p90)),
    p99: median(figures.map(({ p99 }) => p99)),
    max: Math.max(...figures.map(({ max }) => max)),
  }
}

function processor(passes: readonly PassReport[], requests: number): ProcessorTime | undefined {
  const times = passes.flatMap((pass) => pass.processor ?? [])
  if (times.length < passes.length || requests === 0) return undefined
  const byThousand = (count: (time: ProcessorTime) => number): number =>
    (total(times, count) * 1_000) / requests
  return {
    shop: byThousand(({ shop }) => shop),
    redis: byThousand(({ redis }) => redis),
    database: byThousand(({ database }) => database),
  }
}

function refusals(passes: readonly PassReport[]): Readonly<Record<string, number>> {
  const all: Record<string, number> = {}
  for (const { refused } of passes) {
    for (const [status, count] of Object.entries(refused)) {
      all[status] = (all[status] ?? 0) + count
    }
  }
  return all
}

function total<T>(parts: readonly T[], count: (part: T) => number): number {
  return parts.reduce((sum, part) => sum + count(part), 0)
}

function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}
