/** The result of a load as a table for `docs/`, with what the figures mean nothing without. */

import type { LoadReport } from './load-report.ts'
import { loadRows } from './load-rows.ts'

export function loadMarkdown(report: LoadReport): string {
  const { machine, node, versions, date, command } = report.setting
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `Measured ${date} on ${machine}, Node ${node}, with \`${command}\`.`,
    `Versions: ${used.join(', ')}.`,
    '',
    '| | with the cache | without | better by |',
    '|---|---:|---:|---:|',
    ...loadRows(report).map(
      ({ name, on, off, betterBy }) => `| ${name} | ${on} | ${off} | ${betterBy} |`,
    ),
    '',
  ].join('\n')
}
