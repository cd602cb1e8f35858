/** The result of a benchmark as a page: one table, with the rows we lose marked. */

import type { SpreadRow } from './bench-row.ts'
import type { BenchSetting } from './bench-setting.ts'

/** What was run and where, then the table. A row is lost when the best peer is better than ours. */
export function benchMarkdown(setting: BenchSetting, rows: readonly SpreadRow[]): string {
  const versions = Object.entries(setting.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `Measured ${setting.date} on ${setting.machine}, Node ${setting.node}, with \`${setting.command}\`.`,
    `Versions: ${versions.join(', ')}.`,
    '',
    '| suite | case | unit | ours | spread | limit | times the limit | peers | times the best peer | |',
    '|---|---|---|---:|---:|---:|---:|---|---:|---|',
    ...rows.map(line),
    '',
  ].join('\n')
}

function line({ row, spread }: SpreadRow): string {
  const lost = row.better === 'lower' ? row.ratioToBestPeer > 1 : row.ratioToBestPeer < 1
  const peers = Object.entries(row.peers).map(([name, value]) => `${name} ${value}`)
  const cells = [
    row.suite,
    row.case,
    `${row.unit}, ${row.better}`,
    `${row.ours}`,
    `±${(spread.ours * 100).toFixed(0)} %`,
    `${row.limit}`,
    `${row.ratioToLimit}`,
    peers.join('; '),
    `${row.ratioToBestPeer}`,
    lost ? '**lost**' : '',
  ]
  return `| ${cells.join(' | ')} |`
}
