/**
 * `npm run crash`: writers, owners of queues, Redis and PostgreSQL are killed under load, with a judge
 * that holds every acknowledgement in a file of its own.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flagsOf } from '../flags.ts'
import { type Outcome, runCampaign } from './campaign.ts'
import { type ControlOutcome, playControls } from './controls.ts'
import { cutPower } from './power-cuts.ts'
import { probeSynchronous } from './probe-synchronous.ts'
import { DECLARED_MS, isGood, type Run, reportAsJson, reportAsText } from './report.ts'
import { openRedisSite, openSqliteSite } from './site.ts'
import { redisStrikes, sqliteStrikes } from './strikes.ts'

const usage = `Usage: npm run crash -- [--kills N] [--mode redis|sqlite|both] [--appendfsync always|everysec] [--seed N] [--power N] [--json FILE]

  --kills N           over all set-ups (40)
  --mode NAME         where writes wait (both)
  --appendfsync NAME  of Redis (always)
  --seed N            of what is drawn (by the clock)
  --power N           cuts of each journal's power as well (0); needs root and loop devices
  --json FILE         the result for programs`

const values = flagsOf(usage, {
  kills: { type: 'string', default: '40' },
  mode: { type: 'string', default: 'both' },
  appendfsync: { type: 'string', default: 'always' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  power: { type: 'string', default: '0' },
  json: { type: 'string' },
})

process.exitCode = (await run()) ? 0 : 1

async function run(): Promise<boolean> {
  const mode = oneOf('mode', values.mode, ['redis', 'sqlite', 'both'] as const)
  const appendfsync = oneOf('appendfsync', values.appendfsync, ['always', 'everysec'] as const)
  const kills = numberOf('kills', values.kills)
  const power = numberOf('power', values.power)
  const seed = numberOf('seed', values.seed)
  console.log(`Seed ${seed}.`)
  const progress = (line: string): void => console.log(line)
  const share = mode === 'both' ? Math.ceil(kills / 2) : kills
  const outcomes: Outcome[] = []
  const controls: ControlOutcome[] = []
  let synchronous: Run['synchronous']
  if (mode !== 'sqlite') {
    const open = (): ReturnType<typeof openRedisSite> => openRedisSite(appendfsync)
    await using site = await open()
    const level =
      appendfsync === 'always'
        ? ({ durability: 'fsynced' } as const)
        : ({ durability: 'appended', mayLoseMs: DECLARED_MS } as const)
    const plan = { site, strikes: redisStrikes, kills: share, seed, progress, ...level }
    outcomes.push(await runCampaign(plan))
    controls.push(...(await playControls(open, seed)))
  }
  if (mode !== 'redis') {
    await using site = await openSqliteSite()
    const plan = { site, strikes: sqliteStrikes, kills: share, seed, progress }
    outcomes.push(await runCampaign({ ...plan, durability: 'fsynced' }))
    controls.push(...(await playControls(openSqliteSite, seed)))
    synchronous = await synchronousOfTier()
  }
  const cuts = await cutPower({ cuts: power, on: mode, seed, progress })
  const all = { outcomes, controls, synchronous, power: cuts }
  if (values.json !== undefined) writeFileSync(values.json, reportAsJson(mode, all))
  console.log(reportAsText(all))
  return isGood(all)
}

async function synchronousOfTier(): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'crash-probe-'))
  try {
    return await probeSynchronous(join(folder, 'cache.db'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function oneOf<T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text)
  if (found !== undefined) return found
  throw new Error(`Expected --${option} to be ${known.join(', ')}, got ${text}.`)
}

function numberOf(option: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 0) return number
  throw new Error(`Expected --${option} to be a whole number from 0, got ${text}.`)
}
