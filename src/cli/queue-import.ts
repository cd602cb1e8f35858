/** `tiercel queue import`: queues what `tiercel queue export` has told. */

import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { importWrites } from '../index.ts'
import { type Command, UsageError } from './command.ts'
import { parseOptions } from './parse-options.ts'
import { TIER_HELP, TIER_VALUES, tierOf } from './shared-tier-option.ts'

export const queueImport: Command = {
  name: 'queue import',
  summary: 'queue the writes of a file that `queue export` has written',
  help: `Usage: tiercel queue import --name <cache> --file <path> (--redis <url> | --sqlite <path>)

Queues the writes of the file, due at once. No instance of the cache may be at work on that tier yet: the
runbook tells the whole way. Broken off, it can be run again; what waits already is left out.

  --name <cache>       the name of the cache
  --file <path>        the lines that \`tiercel queue export\` has written
${TIER_HELP}
  --help               print this
`,
  async run(args, { err }) {
    const options = parseOptions(args, { values: ['name', 'file', ...TIER_VALUES] })
    const { name, file } = options
    if (typeof name !== 'string') throw new UsageError('Option --name is missing')
    if (typeof file !== 'string') throw new UsageError('Option --file is missing')
    if (!existsSync(file)) throw new UsageError(`There is no file ${file}`)
    const { tier, end } = await tierOf(options)
    try {
      const { imported, skipped } = await importWrites(tier, { name }, linesOf(file))
      err(`${imported} writes imported, ${skipped} left out.\n`)
    } finally {
      end()
    }
  },
}

/** What is no JSON is handed on as it stands, and refused by its line. */
async function* linesOf(file: string): AsyncGenerator<unknown> {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    yield parsed(line)
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}
