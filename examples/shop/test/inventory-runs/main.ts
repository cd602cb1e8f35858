/**
 * `npm run inventory -- [--runs N] [--on sqlite|redis]`: buyers on three instances of the shop, one of
 * which is killed under them, and the books compared afterwards. Ends with 1 where they do not agree.
 */

import { parseArgs } from 'node:util'
import { playCampaign } from './campaign.ts'
import { SITES } from './site.ts'

const RUNS = 1_000
const TOLD_EVERY = 50

const { values } = parseArgs({
  options: { runs: { type: 'string', default: String(RUNS) }, on: { type: 'string' } },
})
const runs = Number(values.runs)
if (!Number.isInteger(runs) || runs < 1) throw new Error('`--runs` takes a whole number from 1.')
const sites = SITES.filter((site) => site.toLowerCase().startsWith(values.on ?? ''))
if (sites.length === 0) throw new Error('`--on` takes sqlite or redis.')

for (const site of sites) {
  const beganAt = performance.now()
  const report = await playCampaign({
    site,
    runs,
    onRuns: (played) => {
      if (played % TOLD_EVERY === 0) console.log(`${site}: ${played} of ${runs} runs`)
    },
  })
  const minutes = ((performance.now() - beganAt) / 60_000).toFixed(1)
  console.log(
    `${site}: ${report.runs} runs in ${minutes} min over three instances, of which ${report.kills} were killed.`,
    `${report.done} changes done and ${report.refused} refused, ${report.ordered} orders,`,
    `${report.again} requests sent again. The stock was shown by all instances after`,
    `${report.shownAfterMs.median} ms (median), ${report.shownAfterMs.longest} ms at most.`,
  )
  for (const finding of report.findings) console.error(`${site}: ${finding}`)
  if (report.findings.length > 0) process.exitCode = 1
}
