/** The figures of a load in the order in which people read them; shown by `load-text.ts` and `load-markdown.ts`. */

import type { LoadReport, SideReport } from './load-report.ts'

export interface LoadRow {
  readonly name: string
  readonly on: string
  readonly off: string
  /** How many times better the cached side is; empty where that says nothing. */
  readonly betterBy: string
}

export function loadRows(report: LoadReport): readonly LoadRow[] {
  const { ratios, bounds, load } = report
  const row = (name: string, figure: (side: SideReport) => string, ratio?: number): LoadRow => ({
    name,
    on: figure(report.on),
    off: figure(report.off),
    betterBy: ratio === undefined || !Number.isFinite(ratio) ? '' : `${ratio.toPrecision(3)}x`,
  })
  const writes =
    load.mix === 'read'
      ? []
      : [
          row('writes p50, ms', (s) => ms(s.latencyMs.write.p50)),
          row('writes p99, ms', (s) => ms(s.latencyMs.write.p99)),
        ]
  return [
    row('requests/s', (s) => count(s.requestsPerSecond), ratios.requestsPerSecond),
    row('reads p50, ms', (s) => ms(s.latencyMs.read.p50), ratios.readP50),
    row('reads p99, ms', (s) => ms(s.latencyMs.read.p99), ratios.readP99),
    ...writes,
    row('requests', (s) => count(s.requests)),
    row('statements of the source', (s) => count(statements(s)), ratios.sourceStatements),
    row('… that read', (s) => count(s.source.reads), ratios.sourceReads),
    row(
      '… by 1,000 requests',
      (s) => ms(s.sourceByThousandRequests),
      ratios.sourceStatementsByRequest,
    ),
    row('reads from memory', (s) => share(s, s.answeredBy.memory)),
    row('reads from the shared tier', (s) => share(s, s.answeredBy.shared)),
    row('reads from the source', (s) => share(s, s.answeredBy.source)),
    row('processor, ms by 1,000 requests', processor, ratios.processorByRequest),
    row('… of the shop', (s) => ms(s.processorByThousandRequests?.shop)),
    row('reads judged', (s) => count(s.judged.reads)),
    row('… stale', (s) => count(s.judged.stale)),
    row('staleness p99, ms', (s) => ms(s.judged.staleMs.p99)),
    row('staleness at most, ms', (s) => ms(s.judged.staleMs.max)),
    row(`reads staler than ${bounds.boundMs} ms`, (s) => count(s.judged.beyondBound)),
    row('calls of the shared tier not answered', (s) => count(s.tierFailures)),
    row('a change is seen after, p50, ms', (s) => ms(s.judged.visibleMs.p50)),
    row('a change is seen after, p99, ms', (s) => ms(s.judged.visibleMs.p99)),
    row('changes acknowledged', (s) => count(s.judged.writes)),
    row('… missing in the source', (s) => count(s.atTheEnd.missing)),
    row('hints heard / gaps found / follows', coherence),
    row('requests refused', (s) => count(refused(s))),
  ]
}

function statements({ source }: SideReport): number {
  return source.reads + source.writes
}

function coherence({ coherence: { hints, gaps, follows } }: SideReport): string {
  return `${count(hints)} / ${count(gaps)} / ${count(follows)}`
}

function processor({ processorByThousandRequests: time }: SideReport): string {
  return ms(time && time.shop + time.redis + time.database)
}

function refused({ refused: byStatus, errors }: SideReport): number {
  return Object.values(byStatus).reduce((total, number) => total + number, errors)
}

function share({ answeredBy: { memory, shared, source } }: SideReport, part: number): string {
  return `${((100 * part) / Math.max(1, memory + shared + source)).toFixed(2)} %`
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en')
}

/** Milliseconds, and other figures whose last digits say nothing. */
function ms(number: number | undefined): string {
  if (number === undefined) return '–'
  return number === 0 ? '0' : number.toLocaleString('en', { maximumSignificantDigits: 3 })
}
