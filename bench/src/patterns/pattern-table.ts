/** The runs as a table for the page. */

import type { PatternRun } from './play-pattern.ts'

const HEAD = [
  '| | queries of the source | of these writes | calls of the shared tier | reads that waited for the source | a read takes, on average | a write is acknowledged after | reads that were stale, by at most |',
  '|---|---:|---:|---:|---:|---:|---:|---|',
]

export function patternTable(runs: readonly PatternRun[]): string {
  return [...HEAD, ...runs.map(row)].join('\n')
}

function row(run: PatternRun): string {
  const queries = Math.round(run.sourceReads + run.sourceWrites)
  const stale = run.staleReads === 0 ? '0' : `${run.staleReads}, ${milliseconds(run.stalestMs)}`
  const cells = [
    run.name,
    queries,
    Math.round(run.sourceWrites),
    Math.round(run.sharedCalls),
    `${(run.waited * 100).toFixed(1)} %`,
    milliseconds(run.readMeanMs),
    milliseconds(run.writeP50Ms),
    stale,
  ]
  return `| ${cells.join(' | ')} |`
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')} ms`
}
