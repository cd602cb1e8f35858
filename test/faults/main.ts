/**
 * `npm run faults`: real processes on real servers that are stopped, killed, cut off and emptied, with
 * a judge that knows the source.
 */

import { writeFileSync } from 'node:fs'
import { flagsOf } from '../flags.ts'
import { runCampaign } from './campaign.ts'
import type { ClientName } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'
import { isGood, reportAsJson, reportAsText } from './report.ts'
import { newTally } from './tally.ts'

const usage = `Usage: npm run faults -- [--minutes M] [--client ioredis|node-redis|both] [--seed N] [--only TEXT] [--json FILE]

  --minutes M    how long, about (5)
  --client NAME  of the processes (both)
  --seed N       of what is drawn (by the clock)
  --only TEXT    faults with that in their name
  --json FILE    the result for programs`

const values = flagsOf(usage, {
  minutes: { type: 'string', default: '5' },
  client: { type: 'string', default: 'both' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  json: { type: 'string' },
  only: { type: 'string' },
})

const ioredis = 'ioredis 5'
const nodeRedis = 'node-redis 6'
const clientsOf: Readonly<Record<string, readonly ClientName[]>> = {
  ioredis: [ioredis, ioredis, ioredis, ioredis],
  'node-redis': [nodeRedis, nodeRedis, nodeRedis, nodeRedis],
  both: [ioredis, nodeRedis, ioredis, nodeRedis],
}

process.exitCode = (await run()) ? 0 : 1

async function run(): Promise<boolean> {
  const clients = clientsOf[values.client]
  if (clients === undefined) {
    throw new Error(
      `Expected --client to be ${Object.keys(clientsOf).join(', ')}, got ${values.client}.`,
    )
  }
  const minutes = numberOf('minutes', values.minutes)
  const seed = numberOf('seed', values.seed)
  const tally = newTally()
  process.on('unhandledRejection', (reason) => tally.troubles.push(`Unhandled: ${reason}`))
  const startedAt = monotonicMs()
  console.log(`Seed ${seed}.`)
  const progress = (line: string): void => console.log(line)
  await runCampaign({ minutes, clients, seed, tally, only: values.only, progress })
  const outcome = { minutes: (monotonicMs() - startedAt) / 60_000, tally }
  if (values.json !== undefined) writeFileSync(values.json, reportAsJson(outcome))
  console.log(reportAsText(outcome))
  return isGood(tally)
}

function numberOf(option: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  throw new Error(`Expected --${option} to be a number above 0, got ${text}.`)
}
