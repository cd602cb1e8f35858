/** `tiercel queue export`: tells the writes that wait for the source, one a line. */

import { exportWrites } from '../index.ts'
import { type Command, UsageError } from './command.ts'
import { parseOptions } from './parse-options.ts'
import { TIER_HELP, TIER_VALUES, tierOf } from './shared-tier-option.ts'

export const queueExport: Command = {
  name: 'queue export',
  summary: 'tell the writes that wait for the source, for `queue import` elsewhere',
  help: `Usage: tiercel queue export --name <cache> --collections <a,b> (--redis <url> | --sqlite <path>) > writes.jsonl

Writes each write that waits as a line of JSON, and removes none. Stop all instances of the cache first: the
runbook tells the whole way.

  --name <cache>       the name of the cache
  --collections <a,b>  the collections that are written behind, with commas between them
${TIER_HELP}
  --help               print this
`,
  async run(args, { out, err }) {
    const options = parseOptions(args, { values: ['name', 'collections', ...TIER_VALUES] })
    const { name, collections } = options
    if (typeof name !== 'string') throw new UsageError('Option --name is missing')
    if (typeof collections !== 'string') throw new UsageError('Option --collections is missing')
    const { tier, end } = await tierOf(options)
    let count = 0
    try {
      for await (const write of exportWrites(tier, { name, collections: collections.split(',') })) {
        await out(`${JSON.stringify(write)}\n`)
        count += 1
      }
    } finally {
      end()
    }
    err(`${count} writes exported.\n`)
  },
}
