import { setTimeout as pause } from 'node:timers/promises'
import { SeededNumbers } from '../../src/database/seeded-numbers.ts'
import { Crew } from './crew.ts'
import { playRun, type RunReport } from './play-run.ts'
import { openSite, type SiteName } from './site.ts'

export interface CampaignOptions {
  readonly site: SiteName
  readonly runs: number
  /** Told how many there were so far. */
  readonly onRuns?: (runs: number) => void
}

export interface CampaignReport {
  readonly runs: number
  /** Of instances. */
  readonly kills: number
  /** Each with its run. */
  readonly findings: readonly string[]
  readonly done: number
  readonly refused: number
  readonly ordered: number
  readonly again: number
  /** Of all runs. */
  readonly shownAfterMs: { readonly median: number; readonly longest: number }
}

const INSTANCES = 3
/** Enough that none is sold out for long. */
const PRODUCTS = 400

/** Runs that share a kill, with products of their own: starting another instance is most of the work. */
const AT_ONCE = 20
/** The latest that one is killed, counted from the beginning. */
const KILLED_WITHIN_MS = 1_000

/** Ends with the first runs that find something. */
export async function playCampaign(options: CampaignOptions): Promise<CampaignReport> {
  await using site = await openSite(options.site, PRODUCTS)
  await using crew = await Crew.start(site.env, INSTANCES)
  const stocks = await site.sql<{ productId: number; stock: number }>(
    'SELECT "productId", stock FROM inventory ORDER BY "productId"',
  )
  const totals = new Map(stocks.map(({ productId, stock }) => [productId, stock]))
  const reports: RunReport[] = []
  let kills = 0
  while (reports.length < options.runs) {
    kills += 1
    const numbers = new SeededNumbers(kills)
    const replaced = pause(numbers.between(0, KILLED_WITHIN_MS)).then(() =>
      crew.replace(numbers.between(0, INSTANCES - 1)),
    )
    const wave = Array.from({ length: Math.min(AT_ONCE, options.runs - reports.length) }, (_, n) =>
      playRun({ site, crew, run: reports.length + n + 1, totals, replaced }),
    )
    reports.push(...(await Promise.all(wave)))
    options.onRuns?.(reports.length)
    if (reports.some(({ findings }) => findings.length > 0)) break
  }
  return { kills, ...summed(reports) }
}

function summed(reports: readonly RunReport[]): Omit<CampaignReport, 'kills'> {
  const sum = (of: 'done' | 'refused' | 'ordered' | 'again'): number =>
    reports.reduce((total, report) => total + report[of], 0)
  const times = reports.map(({ shownAfterMs }) => Math.round(shownAfterMs)).sort((a, b) => a - b)
  return {
    runs: reports.length,
    findings: reports.flatMap(({ findings }, n) => findings.map((one) => `run ${n + 1}: ${one}`)),
    done: sum('done'),
    refused: sum('refused'),
    ordered: sum('ordered'),
    again: sum('again'),
    shownAfterMs: { median: times[times.length >> 1] ?? 0, longest: times.at(-1) ?? 0 },
  }
}
