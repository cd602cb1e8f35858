/** `tiercel queue export`: tells the writes that wait for the source, one a line. */

import type { Command } from './command.ts'
import { JSON_OPTION } from './json-option.ts'
import { lookAt, type SeenCache } from './open-desk.ts'
import { SHARDS_OPTION, TIER_OPTIONS, tierOf } from './shared-tier-option.ts'

export const queueExport: Command = {
  name: 'queue export',
  summary: 'tell the writes that wait for the source, for `queue import` elsewhere',
  usage: '--name <cache> --collections <a,b> (--redis <url> | --sqlite <path>) > writes.jsonl',
  about: `
Writes each write that waits as a line of JSON, and removes none. Stop all instances of the cache first: the
runbook tells the whole way.`,
  options: [
    { name: 'name', value: '<cache>', summary: 'the name of the cache' },
    {
      name: 'collections',
      value: '<a,b>',
      summary: 'the collections that are written behind, with commas between them',
    },
    ...TIER_OPTIONS,
    SHARDS_OPTION,
    { ...JSON_OPTION, summary: 'tell how many there were in JSON, too' },
  ],
  async run(given, { out, err }) {
    const name = given.required('name')
    const collections = given.required('collections').split(',')
    const shards = given.whole('shards', { least: 1, most: 256 })
    const seen = await lookAt(given, { name, timeoutMs: LOOK_MS })
    checkQueues(collections, seen)
    const { tier, end } = await tierOf(given, shards ?? seen.shards)
    const { exportWrites } = await import('../index.ts')
    let count = 0
    try {
      for await (const write of exportWrites(tier, { name, collections })) {
        await out(`${JSON.stringify(write)}\n`)
        count += 1
      }
    } finally {
      end()
    }
    const others = seen.queued.filter((queue) => !collections.includes(queue))
    if (others.length > 0) err(`Not exported: ${others.join(', ')}.\n`)
    err(
      given.flag('json')
        ? `${JSON.stringify({ exported: count })}\n`
        : `${count} writes exported.\n`,
    )
  },
}

/** What stands there answers within this time, or not at all. */
const LOOK_MS = 5_000

/** The file may be the only copy of what was acknowledged: a name that is misspelt must not end well. */
function checkQueues(asked: readonly string[], { queued, complete }: SeenCache): void {
  const unknown = asked.filter((name) => !queued.includes(name))
  if (unknown.length === 0 || !complete) return
  const known = queued.length === 0 ? 'none has any' : `there are those of ${queued.join(', ')}`
  throw new Error(`No writes wait for ${unknown.join(', ')}: ${known}.`)
}
