/** `npm run replay`: what the cache makes of a real access trace. */

import { progressLine } from './replay/progress-line.ts'
import { type ReplayOptions, replayOptions } from './replay/replay-options.ts'
import { replayPicture } from './replay/replay-picture.ts'
import { writeReport } from './report/write-report.ts'
import { requireBuild } from './require-build.ts'
import { runCommand } from './run-command.ts'

await runCommand(async () => {
  const options = replayOptions(process.argv.slice(2))
  if ('help' in options) {
    process.stdout.write(options.help)
    return
  }
  requireBuild()
  // Only now, so that flags are explained where nothing is built.
  const { runReplay } = await import('./replay/run-replay.ts')
  process.stdout.write(`${heading(options)}\n\n`)
  const progress = progressLine(process.stderr, () => performance.now())
  const report = await runReplay(options, progress).finally(progress.end)
  process.stdout.write(replayPicture(report))
  if (options.json !== undefined) {
    await writeReport(options.json, `${JSON.stringify(report, undefined, 2)}\n`)
  }
})

function heading({ trace, entries }: ReplayOptions): string {
  const tiers = `memory tier of ${entries.toLocaleString('en')} entries, SQLite tier, SQLite source`
  if (trace.kind === 'zipf') {
    return `Generated Zipf trace (${trace.keys.toLocaleString('en')} keys, skew ${trace.skew}, seed ${trace.seed}); ${tiers}`
  }
  const from = trace.formatFrom === 'name' ? `${trace.format}, guessed from its name` : trace.format
  return `Trace ${trace.path} (${from}); ${tiers}`
}
