/** `npm run bench`: ours, the limit and the peers, measured beside each other. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { benchOptions } from './bench-options.ts'
import { benchMarkdown } from './report/bench-markdown.ts'
import { withMeasured } from './report/bench-page.ts'
import { benchRow, type SpreadRow } from './report/bench-row.ts'
import { type BenchSetting, benchSetting } from './report/bench-setting.ts'
import { benchText } from './report/bench-text.ts'
import { writeReport } from './report/write-report.ts'
import { requireBuild } from './require-build.ts'
import { runCommand } from './run-command.ts'
import { staleKeys } from './suites/invalidation-resets.ts'
import { planResets, planSuite } from './suites/plan-suite.ts'
import { runGroup } from './suites/run-group.ts'

const PAGE = new URL('../../docs/benchmarks.md', import.meta.url)

await runCommand(async () => {
  const args = process.argv.slice(2)
  const options = benchOptions(args)
  if ('help' in options) {
    process.stdout.write(options.help)
    return
  }
  requireBuild()
  const setting = benchSetting(args)
  process.stdout.write(heading(setting))

  const rows: SpreadRow[] = []
  const plans = options.suites.flatMap((suite) => planSuite(suite, options.quick))
  for (const plan of options.resets ? [...plans, ...planResets(options.quick)] : plans) {
    const startedAt = performance.now()
    const measured = (await runGroup(plan)).map(benchRow)
    rows.push(...measured)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
    const processes = plan.processes === 1 ? '1 process' : `${plan.processes} processes`
    process.stdout.write(
      `\n${benchText(measured)}\n(${plan.group}: ${plan.settings.rounds} rounds in ${processes}, ${seconds} s)\n`,
    )
  }
  const { machine, node, versions } = setting
  if (options.json !== undefined) {
    const report = { machine, node, versions, rows: rows.map(({ row }) => row) }
    await writeReport(options.json, `${JSON.stringify(report, undefined, 2)}\n`)
  }
  if (options.markdown !== undefined) {
    await writeReport(options.markdown, benchMarkdown(setting, rows))
  }
  if (options.page) {
    await writeReport(fileURLToPath(PAGE), withMeasured(readFileSync(PAGE, 'utf8'), setting, rows))
  }
  if (rows.some(({ row }) => row.case.startsWith(staleKeys) && row.ours > 0)) {
    throw new Error('Expected no key to be served older than its last invalidation.')
  }
})

function heading({ machine, node, versions, date, command }: BenchSetting): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `machine   ${machine}`,
    `node      ${node}`,
    `versions  ${packages.join(', ')}`,
    `date      ${date}`,
    `command   ${command}`,
    '',
    'Medians; spread is half the distance of the quartiles. Only ratios of one run count.',
    'bentocache as it comes and cacheable hand out copies; the others hand out the value itself.',
    'Over Redis everybody writes JSON; cacheable and cache-manager do so through a plain Keyv store.',
    '',
  ].join('\n')
}
