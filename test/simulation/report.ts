/** What a simulation came to, for people and for programs. */

import type { PlantedResult } from './find-planted.ts'
import type { SimulationResult } from './simulate.ts'

/** Fewer hits prove nothing of caches. */
export const LEAST_HIT_RATE = 0.3
const SHOWN = 20

export interface Report {
  readonly simulation: SimulationResult
  readonly planted: readonly PlantedResult[]
  readonly seconds: number
}

export function isGood({ simulation, planted }: Report): boolean {
  return (
    simulation.violations.length === 0 &&
    simulation.hitRate >= LEAST_HIT_RATE &&
    planted.every(({ caught }) => caught)
  )
}

export function reportAsJson({ simulation, planted, seconds }: Report): string {
  const { violations, tally, ...numbers } = simulation
  const shown = {
    ...numbers,
    seconds,
    unprotectedWrites: tally.unprotectedWrites,
    reads: tally.reads,
    writes: tally.writes,
    behind: behindOf(tally),
    violations: violations.map(({ seed, guarantee, at, text }) => ({
      seed,
      guarantee,
      history: `${Math.round(at)} ms: ${text}; npm run simulate -- --seed ${seed} --trace`,
    })),
    plantedFaults: planted.map(({ name, guarantee, caught, seeds, seconds: took }) => {
      return { name, guarantee, caught, seeds, seconds: took }
    }),
  }
  return `${JSON.stringify(shown, undefined, 2)}\n`
}

function behindOf(tally: SimulationResult['tally']): Readonly<Record<string, number>> {
  const { behind, queued, replaced, taken, takeovers, applied, superseded, dead, flushes } = tally
  return {
    acknowledged: behind,
    queued,
    replaced,
    taken,
    takeovers,
    applied,
    superseded,
    dead,
    flushes,
  }
}

export function reportAsText(report: Report): string {
  const { simulation, planted, seconds } = report
  const { tally } = simulation
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  const count = (number: number): string => number.toLocaleString('en')
  const lines = [
    `${count(simulation.seeds)} seeds, ${count(simulation.steps)} steps, ${count(simulation.histories)} histories, ${count(simulation.distinctStates)} states, ${Math.round(seconds)} s`,
    `${count(tally.reads)} reads, ${percent(simulation.hitRate)} from a cache, ${count(tally.stale)} of them marked stale, ${count(tally.failedReads)} failed`,
    `${count(tally.writes)} writes, ${count(tally.unprotectedWrites)} of them unprotected, ${count(tally.failedWrites)} failed; ${count(tally.removals)} removals, ${count(tally.pendingRemovals)} told later`,
    `${count(tally.behind)} writes behind (${count(tally.queued)} queued, ${count(tally.replaced)} in the place of others, ${count(tally.taken)} taken with ${count(tally.takeovers)} takeovers, ${count(tally.applied)} applied, ${count(tally.superseded)} superseded, ${count(tally.dead)} dead); ${count(tally.flushes)} flushes, ${count(tally.failedFlushes)} failed`,
    `${simulation.violations.length} violations`,
    ...simulation.violations.slice(0, SHOWN).map(({ seed, guarantee, at, text }) => {
      return `  ${guarantee} seed ${seed} after ${Math.round(at)} ms: ${text}`
    }),
    ...planted.map(({ name, caught, guarantee, seeds, seconds: took }) => {
      const found = caught ? `found as ${guarantee}` : 'NOT FOUND'
      return `planted: ${name}: ${found} after ${seeds} seeds, ${took} s`
    }),
  ]
  if (simulation.seeds > 0 && simulation.hitRate < LEAST_HIT_RATE) {
    lines.push(`Fewer than ${percent(LEAST_HIT_RATE)} of the reads were answered from a cache.`)
  }
  return `${lines.join('\n')}\n`
}
