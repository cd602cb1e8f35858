/**
 * `npm run patterns`: the ways to cache, counted beside each other in virtual time. Writes the table of
 * `docs/guides/patterns.md` and its picture; with `--json FILE` the figures for programs too.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { patternCases } from './patterns/pattern-cases.ts'
import { patternChart } from './patterns/pattern-chart.ts'
import { withTable } from './patterns/pattern-page.ts'
import { patternTable } from './patterns/pattern-table.ts'
import { type PatternRun, playPattern, WORKLOAD } from './patterns/play-pattern.ts'
import { readFlags } from './read-flags.ts'
import { writeReport } from './report/write-report.ts'
import { requireBuild } from './require-build.ts'
import { runCommand } from './run-command.ts'

const PAGE = new URL('../../docs/guides/patterns.md', import.meta.url)
const CHART = new URL('../../docs/images/patterns.svg', import.meta.url)

await runCommand(async () => {
  const json = readFlags(process.argv.slice(2), { valued: ['json'], bare: [] }, 0).text('json')
  requireBuild()
  const runs: PatternRun[] = []
  for (const pattern of patternCases) runs.push(await playPattern(pattern))
  const table = patternTable(runs)
  process.stdout.write(`${table}\n`)
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), table))
  writeFileSync(CHART, patternChart(runs))
  if (json !== undefined) {
    await writeReport(json, `${JSON.stringify({ workload: WORKLOAD, runs }, undefined, 2)}\n`)
  }
})
