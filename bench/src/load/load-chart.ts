/**
 * The result of a load as a picture (SVG), for `--chart`: nothing to run, nothing from elsewhere.
 *
 * Both sides have the same axes. A second is a second of load: the pauses between passes are left out.
 */

import type { SecondOfLoad } from './cannon-questions.ts'
import { barPanel, linePanel, type Series } from './chart-panels.ts'
import type { LoadReport, SideReport } from './load-report.ts'

const WIDTH = 900
const HEIGHT = 530
const PANEL = { width: 420, height: 190 }
const LEFT = 20
const RIGHT = 460
const COLOURS = { on: '#0b7285', off: '#c2410c', memory: '#0b7285', shared: '#74b816' }

export function chartOfLoad(report: LoadReport): string {
  const { on, off } = report
  const both = (figure: (second: SecondOfLoad) => number): readonly Series[] => [
    { name: 'with the cache', colour: COLOURS.on, values: seconds(on).map(figure) },
    { name: 'without', colour: COLOURS.off, values: seconds(off).map(figure) },
  ]
  const bars = (figure: (side: SideReport) => number) => [
    { name: 'with the cache', colour: COLOURS.on, value: figure(on) },
    { name: 'without', colour: COLOURS.off, value: figure(off) },
  ]
  const panels = [
    at(
      LEFT,
      90,
      linePanel({
        ...PANEL,
        title: 'Requests a second, by second of load',
        series: both(requests),
      }),
    ),
    at(
      RIGHT,
      90,
      linePanel({
        ...PANEL,
        title: 'Share of reads answered by the cache, by second of load',
        most: 100,
        unit: ' %',
        series: [
          {
            name: 'memory or shared tier',
            colour: COLOURS.shared,
            values: seconds(on).map(({ reads }) => share(reads, reads.memory + reads.shared)),
          },
          {
            name: 'memory',
            colour: COLOURS.memory,
            values: seconds(on).map(({ reads }) => share(reads, reads.memory)),
          },
        ],
      }),
    ),
    at(
      LEFT,
      345,
      barPanel({
        ...PANEL,
        height: 70,
        title: 'Statements sent to the source, by 1,000 requests',
        bars: bars((side) => side.sourceByThousandRequests),
      }),
    ),
    at(
      RIGHT,
      345,
      barPanel({
        ...PANEL,
        height: 70,
        title: 'Processor time by 1,000 requests, ms',
        bars: bars(processor),
      }),
    ),
    at(
      LEFT,
      450,
      barPanel({
        ...PANEL,
        height: 70,
        title: 'Reads, p99, ms',
        bars: bars((side) => side.latencyMs.read.p99),
      }),
    ),
    at(
      RIGHT,
      450,
      barPanel({
        ...PANEL,
        height: 70,
        title: `Staleness of reads, max, ms (bound ${report.bounds.boundMs})`,
        bars: bars((side) => side.judged.staleMs.max),
      }),
    ),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${heading(report)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${LEFT}" y="28" font-size="16" font-weight="600" fill="#1c1917">${heading(report)}</text>
<text x="${LEFT}" y="48" fill="#57534e">${report.setting.machine}; Node ${report.setting.node}; ${report.setting.date}</text>
${panels.join('\n')}
</svg>
`
}

function heading({ load }: LoadReport): string {
  const ratio = load.readsPerWrite === 1 ? 'a read' : `${load.readsPerWrite} reads`
  const mix = load.mix === 'read' ? 'reads' : `${ratio} a write`
  const instances = load.instances === 1 ? 'one instance' : `${load.instances} instances`
  const where = load.on === 'sqlite' ? 'SQLite' : 'Redis and PostgreSQL'
  const far = load.sourceDelayMs === 0 ? '' : `, a source ${load.sourceDelayMs} ms away`
  return `The shop under load: ${instances} on ${where}, ${mix}${far}`
}

function at(x: number, y: number, panel: string): string {
  return `<g transform="translate(${x} ${y})">${panel}</g>`
}

/** The last second of a pass is a part of one, which would look like a fall. */
function seconds({ passes }: SideReport): readonly SecondOfLoad[] {
  return passes.flatMap(({ perSecond }) => perSecond.slice(0, Math.max(1, perSecond.length - 1)))
}

function requests({ reads, writes }: SecondOfLoad): number {
  return reads.memory + reads.shared + reads.source + writes
}

function share(reads: SecondOfLoad['reads'], part: number): number {
  return (100 * part) / Math.max(1, reads.memory + reads.shared + reads.source)
}

function processor({ processorByThousandRequests: time }: SideReport): number {
  return time === undefined ? 0 : time.shop + time.redis + time.database
}
