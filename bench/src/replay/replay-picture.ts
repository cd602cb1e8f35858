/** What a replay found, as a picture in the terminal. */

import type { ReplayReport } from './replay-report.ts'

const barWidth = 40

/** Bars for the hit rates and for the queries, then latency and memory in words. */
export function replayPicture(report: ReplayReport): string {
  const { hitRate, latencyMs } = report
  const fromSource = Math.max(0, 100 - hitRate.memory - hitRate.shared)
  return [
    'Answered by, per cent of all requests',
    rateLine('memory tier', hitRate.memory),
    rateLine('shared tier', hitRate.shared),
    rateLine('source', fromSource),
    '',
    `Memory tier beside an LRU of the same ${count(report.entries)} entries`,
    rateLine('tiercel', hitRate.memory),
    rateLine('LRU', report.hitRateLru),
    '',
    'Queries of the source',
    queryLine('without', report.sourceQueriesWithout, report),
    queryLine('with', report.sourceQueries, report),
    '',
    `Latency   p50 ${time(latencyMs.p50)}, p99 ${time(latencyMs.p99)}, max ${time(latencyMs.max)}`,
    `Memory    ${count(report.entriesMax)} entries at most (bound ${count(report.entries)}), heap at most ${mebibytes(report.heapMaxBytes)}`,
    `Replayed  ${count(report.requests)} requests of ${count(report.unique)} keys in ${report.seconds.toFixed(1)} s by ${readers(report.readers)}`,
    '',
  ].join('\n')
}

function rateLine(name: string, percent: number): string {
  return `  ${name.padEnd(12)} ${bar(percent / 100)} ${percent.toFixed(2).padStart(6)} %`
}

function queryLine(name: string, queries: number, report: ReplayReport): string {
  const share = queries / report.sourceQueriesWithout
  const times = queries < report.sourceQueriesWithout && queries > 0
  const note = times ? `  (${(1 / share).toFixed(1)} times fewer)` : ''
  return `  ${name.padEnd(12)} ${bar(share)} ${count(queries)}${note}`
}

/** `share` from 0 to 1; eighths of a character show what a whole one would hide. */
function bar(share: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * barWidth * 8)
  const part = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? ''
  return ('█'.repeat(Math.floor(eighths / 8)) + part).padEnd(barWidth, '·')
}

function time(ms: number): string {
  if (ms >= 1) return `${ms.toFixed(1)} ms`
  return ms >= 0.001 ? `${(ms * 1000).toFixed(1)} us` : `${(ms * 1e6).toFixed(0)} ns`
}

function readers(number: number): string {
  return number === 1 ? 'one reader' : `${number} readers`
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`
}

function count(number: number): string {
  return number.toLocaleString('en')
}
