/** The result of a benchmark as people read it in the terminal. */

import type { BenchRow, SpreadRow } from './bench-row.ts'
import { textTable } from './text-table.ts'

/** A table for each case: ours, the limit and every peer, the best first, with their ratio to ours. */
export function benchText(rows: readonly SpreadRow[]): string {
  return rows.map(caseText).join('\n\n')
}

function caseText({ row, spread }: SpreadRow): string {
  const figures = [
    { name: 'tiercel', value: row.ours, note: percent(spread.ours) },
    { name: 'limit', value: row.limit, note: percent(spread.limit) },
    ...Object.entries(row.peers).map(([name, value]) => ({ name, value, note: '' })),
  ]
  const direction = row.better === 'lower' ? 1 : -1
  const lines = textTable(
    ['', row.unit, 'of ours', 'spread'],
    figures
      .toSorted((a, b) => direction * (a.value - b.value))
      .map(({ name, value, note }) => [
        name,
        shown(value),
        value === row.ours ? '1.00x' : `${(value / row.ours).toFixed(2)}x`,
        note,
      ]),
  )
  return [`${row.suite}: ${row.case} (${row.better} is better)`, ...lines, verdict(row)].join('\n')
}

function verdict(row: BenchRow): string {
  const lost = row.better === 'lower' ? row.ratioToBestPeer > 1 : row.ratioToBestPeer < 1
  const peer = `${row.ratioToBestPeer} times the best peer${lost ? ', which wins' : ''}`
  return `ours is ${row.ratioToLimit} times the limit, ${peer}`
}

function percent(share: number): string {
  return `±${(share * 100).toFixed(0)} %`
}

function shown(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 })
}
