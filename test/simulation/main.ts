/**
 * `npm run simulate`: several instances over a network that fails, in virtual time, with a checker
 * that knows the database.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flagsOf } from '../flags.ts'
import { findPlanted } from './find-planted.ts'
import { plant } from './plant.ts'
import type { SourceChange } from './planted-fault.ts'
import { PLANTED_FAULTS } from './planted-faults.ts'
import { playSeed } from './play-seed.ts'
import { isGood, reportAsJson, reportAsText } from './report.ts'
import { loadRooms } from './rooms.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'
import { WorkerPool } from './worker-pool.ts'

const usage = `Usage: npm run simulate -- [--seeds N] [--first S] [--jobs J] [--planted] [--json FILE]
       npm run simulate -- --seed N [--trace] [--shrink]

  --seeds N         how many (500)
  --first S         the first of them (1)
  --jobs J          processes (2)
  --planted         looks for the planted faults as well
  --json FILE       the result for programs
  --seed N          plays one: --trace shows what it does, --shrink the least that still fails
  --fault NAME      on the sources with that planted fault
  --sources FOLDER  on other sources
  --rows sqlite     keeps the rows of the shards in SQLite instead of maps`

const values = flagsOf(usage, {
  seeds: { type: 'string', default: '500' },
  first: { type: 'string', default: '1' },
  jobs: { type: 'string', default: '2' },
  json: { type: 'string' },
  planted: { type: 'boolean', default: false },
  seed: { type: 'string' },
  fault: { type: 'string' },
  sources: { type: 'string' },
  rows: { type: 'string', default: 'maps' },
  trace: { type: 'boolean', default: false },
  shrink: { type: 'boolean', default: false },
})

const source = values.sources ?? join(import.meta.dirname, '..', '..', 'src')
const rows = values.rows === 'sqlite' ? 'sqlite' : 'maps'
process.exitCode = (await run()) ? 0 : 1

async function run(): Promise<boolean> {
  const fault = PLANTED_FAULTS.find(({ name }) => name === values.fault)
  if (values.fault !== undefined && fault === undefined) {
    throw new Error(`There is no fault \`${values.fault}\`.`)
  }
  if (values.seed === undefined) return await playMany(source, fault?.changes ?? [])
  plant(source, fault?.changes ?? [])
  return await playOne(source, wholeNumber('seed', values.seed))
}

async function playMany(folder: string, changes: readonly SourceChange[]): Promise<boolean> {
  const startedAt = performance.now()
  const pool = new WorkerPool(wholeNumber('jobs', values.jobs))
  const range = {
    first: wholeNumber('first', values.first),
    seeds: wholeNumber('seeds', values.seeds),
  }
  const progress = (played: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${played} of ${range.seeds} seeds `)
  }
  const simulation = await simulate({ pool, folder, changes, rows, ...range, progress })
  const faults = values.planted ? PLANTED_FAULTS : []
  const planted = await Promise.all(
    faults.map((fault) => findPlanted({ pool, fault, folder, ...range })),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const report = { simulation, planted, seconds }
  if (values.json !== undefined) writeFileSync(values.json, reportAsJson(report))
  process.stdout.write(reportAsText(report))
  return isGood(report)
}

async function playOne(folder: string, seed: number): Promise<boolean> {
  const rooms = await loadRooms(folder, rows)
  const { profile, storeFault } = PLANTED_FAULTS.find(({ name }) => name === values.fault) ?? {}
  if (values.shrink) {
    const shrunk = await shrink(rooms, { seed, profile, storeFault })
    if (shrunk === undefined) return told(`Seed ${seed} breaks no guarantee.`, true)
    const { plan, outcome } = shrunk
    const parts = [...plan.faults, ...plan.operations].map((part) => JSON.stringify(part))
    const trace = values.trace ? outcome.trace : []
    return told([...parts, ...trace, wordsOf(outcome.violation)].join('\n'), false)
  }
  const outcome = await playSeed(rooms, { seed, profile, storeFault, traced: values.trace })
  const words = [...outcome.trace, wordsOf(outcome.violation)].join('\n')
  return told(words, outcome.violation === undefined)
}

function told(words: string, good: boolean): boolean {
  console.log(words)
  return good
}

function wordsOf(violation: Awaited<ReturnType<typeof playSeed>>['violation']): string {
  if (violation === undefined) return 'No guarantee was broken.'
  return `${violation.guarantee} after ${Math.round(violation.at)} ms: ${violation.text}`
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`Expected --${option} to be a whole number, got ${text}.`)
}
