/** `npm run load`: what the cache is worth to a service under load, and what it costs in staleness. */

import { chartOfLoad } from './load/load-chart.ts'
import { failuresOfLoad } from './load/load-failures.ts'
import { loadJson } from './load/load-json.ts'
import { loadMarkdown } from './load/load-markdown.ts'
import { loadOptions } from './load/load-options.ts'
import { loadText } from './load/load-text.ts'
import { runLoad } from './load/run-load.ts'
import { benchSetting } from './report/bench-setting.ts'
import { writeReport } from './report/write-report.ts'
import { requireBuild } from './require-build.ts'
import { runCommand } from './run-command.ts'

await runCommand(async () => {
  const args = process.argv.slice(2)
  const options = loadOptions(args)
  if ('help' in options) {
    process.stdout.write(options.help)
    return
  }
  requireBuild()
  const setting = benchSetting(args, 'load')
  const { machine, node, date, command } = setting
  process.stdout.write(`${machine}; node ${node}; ${date}\n${command}\n\n`)
  const report = await runLoad(options, setting, (line) => process.stdout.write(`${line}\n`))
  process.stdout.write(`\n${loadText(report)}`)
  if (options.json !== undefined) {
    await writeReport(options.json, loadJson(report))
  }
  if (options.chart !== undefined) await writeReport(options.chart, chartOfLoad(report))
  if (options.markdown !== undefined) await writeReport(options.markdown, loadMarkdown(report))
  const failures = failuresOfLoad(report)
  if (failures.length > 0) throw new Error(failures.join(' '))
})
