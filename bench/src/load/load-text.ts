/** The result of a load as people read it in the terminal. */

import { textTable } from '../report/text-table.ts'
import type { LoadReport } from './load-report.ts'
import { loadRows } from './load-rows.ts'

export function loadText(report: LoadReport): string {
  const rows = loadRows(report).map(({ name, on, off, betterBy }) => [name, on, off, betterBy])
  return `${textTable(['', 'with', 'without', 'better by'], rows).join('\n')}\n`
}
