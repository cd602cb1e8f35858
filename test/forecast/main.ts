/**
 * `npm run forecast`: what warming by forecast gains on generated fortnights and on real traces.
 *
 * The traces are read in place, in `TRACES_DIR` or in `../shared/traces` beside the project. They tell
 * no times, so their requests are spread evenly over a fortnight: whatever rhythm they had is gone.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readTrace } from '../../bench/src/traces/read-trace.ts'
import { flagsOf } from '../flags.ts'
import { dayGains, hitRate, loadsOf } from './day-gains.ts'
import { forecastWarmer } from './forecast-warmer.ts'
import { clairvoyant, noWarmer, type PlayedHour, playTraffic, setting } from './play-traffic.ts'
import { positionTraffic } from './position-traffic.ts'
import { rhythmicTraffic } from './rhythmic-traffic.ts'
import type { TrafficHour } from './traffic.ts'

const DAYS = 14
const HOURS = DAYS * 24
/** Of a mean hour's reads: what the budget of the generated fortnights is of theirs. */
const LOADS_SHARE = 0.12
const traces = ['cache2k/orm-busy.trace.xz', 'cache2k/web07.trace.xz']

const usage = `Usage: npm run forecast -- [--seeds N] [--traces]

  --seeds N  generated fortnights (1)
  --traces   real traces alone`

const values = flagsOf(usage, {
  seeds: { type: 'string', default: '1' },
  traces: { type: 'boolean', default: false },
})
const folder = process.env['TRACES_DIR'] ?? join(import.meta.dirname, '../../../shared/traces')

if (!values.traces) {
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) playFortnight(seed)
}
for (const trace of traces) await playTrace(trace)

function playFortnight(seed: number): void {
  const traffic = [...rhythmicTraffic({ seed, days: DAYS, shiftOnDay: 9 })]
  const played = playAll(traffic, setting.loads)
  print(
    `\ngenerated fortnight, seed ${seed}, other habits from day 9; ${setting.loads} loads an hour`,
  )
  for (const { day, none, clairvoyant: best, warmed, gain, share } of dayGains(played)) {
    const rates = `none ${percent(none)}  forecast ${percent(warmed)}  clairvoyant ${percent(best)}`
    print(`day ${String(day).padStart(2)}  ${rates}  +${gain.toFixed(1)}  ${share.toFixed(2)}`)
  }
  printSum(played)
}

async function playTrace(name: string): Promise<void> {
  const path = join(folder, name)
  if (!existsSync(path)) {
    print(`\n${name}: not there, left out. Set TRACES_DIR to the folder of the traces.`)
    return
  }
  const keys: string[] = []
  for await (const batch of readTrace(path, 'be32')) for (const key of batch) keys.push(key)
  const loads = Math.max(1, Math.round((LOADS_SHARE * keys.length) / HOURS))
  print(`\n${name}: ${keys.length} requests over ${DAYS} days by position; ${loads} loads an hour`)
  printSum(playAll(positionTraffic(keys, HOURS), loads))
}

type Played = Readonly<
  Record<'none' | 'warmed' | 'always' | 'clairvoyant', readonly PlayedHour[]>
> & {
  readonly says: readonly string[]
}

function playAll(traffic: readonly TrafficHour[], loads: number): Played {
  const chosen = { ...setting, loads }
  const options = { budget: loads, keys: Math.max(1024, 8 * loads) }
  const warmer = forecastWarmer(options)
  return {
    none: playTraffic(traffic, noWarmer, chosen),
    warmed: playTraffic(traffic, warmer, chosen),
    always: playTraffic(traffic, forecastWarmer({ ...options, always: true }), chosen),
    clairvoyant: playTraffic(traffic, clairvoyant, chosen),
    says: warmer.events.flatMap((event) => {
      if (event.type !== 'switched') return []
      const [forecast, lastHour, steady] = event.judge.averages.map((score) => score.toFixed(3))
      const scores = `${forecast}, last hour ${lastHour}, steady ${steady}`
      return [`switched ${event.on ? 'on' : 'off'} after ${event.judge.hours} hours (${scores})`]
    }),
  }
}

function printSum({ none, warmed, always, clairvoyant: best, says }: Played): void {
  for (const line of says) print(`        ${line}`)
  if (says.length === 0) print('        stayed off')
  const rows = { none, 'as it judges': warmed, 'followed always': always, clairvoyant: best }
  for (const [name, played] of Object.entries(rows)) {
    const loads = loadsOf(played)
    const more = (100 * (loads / loadsOf(none) - 1)).toFixed(1)
    const hits = `hits at the start of hours ${percent(hitRate(played))}`
    print(`        ${name.padEnd(16)} ${hits}, loads ${loads} (+${more} %)`)
  }
}

function percent(share: number): string {
  return `${share.toFixed(1).padStart(5)} %`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
