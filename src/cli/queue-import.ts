/** `tiercel queue import`: queues what `tiercel queue export` has told. */

import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Command } from './command.ts'
import { UsageError } from './exit-code.ts'
import { JSON_OPTION } from './json-option.ts'
import { SHARDS_OPTION, TIER_OPTIONS, tierOf } from './shared-tier-option.ts'

export const queueImport: Command = {
  name: 'queue import',
  summary: 'queue the writes of a file that `queue export` has written',
  usage: '--name <cache> --file <path> (--redis <url> | --sqlite <path>)',
  about: `
Queues the writes of the file, due at once. Refused while an instance of the cache is at work on that tier:
the runbook tells the whole way. Broken off, it can be run again; what waits already is left out.`,
  options: [
    { name: 'name', value: '<cache>', summary: 'the name of the cache' },
    {
      name: 'file',
      value: '<path>',
      summary: 'the lines that `tiercel queue export` has written',
    },
    ...TIER_OPTIONS,
    SHARDS_OPTION,
    JSON_OPTION,
  ],
  async run(given, { out, err }) {
    const name = given.required('name')
    const file = given.required('file')
    if (!existsSync(file)) throw new UsageError(`There is no file ${file}`)
    const { tier, end } = await tierOf(given, given.whole('shards', { least: 1, most: 256 }))
    const { importWrites } = await import('../index.ts')
    try {
      const { imported, skipped } = await importWrites(tier, { name }, linesOf(file)).catch(
        refusedLine,
      )
      if (given.flag('json')) await out(`${JSON.stringify({ imported, skipped })}\n`)
      else err(`${imported} writes imported, ${skipped} left out.\n`)
    } finally {
      end()
    }
  },
}

/** What stands in the file is not what was typed. */
function refusedLine(error: unknown): never {
  const { code, message } = error as { readonly code?: unknown; readonly message: string }
  throw code === 'argument' ? new Error(message, { cause: error }) : error
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
