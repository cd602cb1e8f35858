/** The result for programs: first the fields that others rely on, then all of it. */

import type { LoadReport, PassReport, SideReport } from './load-report.ts'

export function loadJson(report: LoadReport): string {
  const { on, off } = report
  const { hitRate, judged } = on
  const { p99, max } = judged.staleMs
  const relied = {
    // Hit rates are shares of 1.
    with: {
      ...common(on),
      hitRate,
      hitRateOverTime: on.passes.flatMap(hitRates),
      stalenessMs: { p99, max },
    },
    without: common(off),
  }
  return `${JSON.stringify({ ...relied, ...report }, undefined, 2)}\n`
}

function common({ requestsPerSecond, source, latencyMs, passes }: SideReport) {
  const { p50, p99 } = latencyMs.read
  const cpuSeconds = passes.reduce((sum, { processor }) => sum + processorMs(processor), 0) / 1_000
  return {
    requestsPerSecond,
    sourceQueries: source.reads + source.writes,
    latencyMs: { p50, p99 },
    cpuSeconds,
  }
}

function processorMs(processor: PassReport['processor']): number {
  return processor === undefined ? 0 : processor.shop + processor.redis + processor.database
}

/** Of each second of a pass. */
function hitRates({ perSecond }: PassReport): readonly number[] {
  return perSecond.map(({ reads: { memory, shared, source } }) => {
    const hits = memory + shared
    return hits / Math.max(1, hits + source)
  })
}
