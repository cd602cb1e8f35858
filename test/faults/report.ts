/** What a run comes to, for programs and for people. */

import { CONNECTED_MS } from './judge.ts'
import type { HitCount, Tally } from './tally.ts'

/** Of the reads that L1, grace or the source could answer: the source is always there. */
const LEAST_ANSWERED = 0.999
/** Of older answers of connected instances. */
const MOST_P99_MS = 50
/** Of the faultless hit rate, between the faults. */
const LEAST_HIT_SHARE = 0.8

export interface Outcome {
  readonly minutes: number
  readonly tally: Tally
}

/** The shape that programs rely on. */
export function reportAsJson({ minutes, tally }: Outcome): string {
  const { reads, writes, unprotectedWrites, staleReads, overBudgetReads, notConverged } = tally
  return `${JSON.stringify(
    {
      minutes: Math.round(minutes * 10) / 10,
      faults: Object.fromEntries(tally.faults),
      reads,
      writes,
      hitRate: rateOf(tally.hits.calm),
      hitRateFaultless: rateOf(tally.hits.faultless),
      answeredShare: answeredShareOf(tally),
      unprotectedWrites,
      staleReads,
      boundMs: CONNECTED_MS,
      overBudgetReads,
      notConverged,
      visibilityMs: visibilityOf(tally),
      controls: tally.controls.map(({ name, staleReads: n }) => ({ name, caught: n > 0 })),
    },
    null,
    2,
  )}\n`
}

export function reportAsText({ minutes, tally }: Outcome): string {
  const { p50, p99, max } = visibilityOf(tally)
  const faults = [...tally.faults].map(([kind, count]) => `  ${String(count).padStart(4)}  ${kind}`)
  const converged = [...tally.convergedAfterMs].sort((one, other) => one - other)
  return [
    ...tally.findings,
    ...tally.troubles,
    `${minutes.toFixed(1)} minutes, ${tally.reads} reads, ${tally.writes} writes; faults:`,
    ...faults,
    `Answered ${percent(answeredShareOf(tally))}; in-process hits ${percent(rateOf(tally.hits.calm))} between faults, ${percent(rateOf(tally.hits.faultless))} without.`,
    `Writes not protected: ${tally.unprotectedWrites}; rejected: ${tally.failedWrites}.`,
    `Older answers after a write, by connected instances: p50 ${p50} ms, p99 ${p99} ms, longest ${max} ms (bound ${CONNECTED_MS} ms).`,
    `All agreed ${Math.round(converged.at(-1) ?? 0)} ms after the end of a fault at the latest, ${Math.round(quantile(converged, 0.5))} ms in the middle.`,
    ...tally.controls.map(
      ({ name, staleReads }) =>
        `Control, ${name}: ${staleReads} stale reads${staleReads > 0 ? ', as it must be' : ': not seen'}.`,
    ),
    `Times without a processor: ${tally.stalls}, the longest ${Math.round(tally.longestStallMs)} ms.`,
    `Stale reads: ${tally.staleReads}. Reads over their time: ${tally.overBudgetReads}. Copies that stayed wrong: ${tally.notConverged}. Troubles: ${tally.troubles.length}.`,
    isGood(tally) ? 'Good.' : 'Not good.',
    '',
  ].join('\n')
}

export function isGood(tally: Tally): boolean {
  const { staleReads, overBudgetReads, notConverged, troubles, hits } = tally
  const nothingWrong = staleReads + overBudgetReads + notConverged + troubles.length === 0
  const hitsEnough =
    hits.calm.reads === 0 || rateOf(hits.calm) >= LEAST_HIT_SHARE * rateOf(hits.faultless)
  const controlsCaught = tally.controls.every((control) => control.staleReads > 0)
  const isPrompt = visibilityOf(tally).p99 < MOST_P99_MS
  const answeredEnough = answeredShareOf(tally) >= LEAST_ANSWERED
  return nothingWrong && controlsCaught && hitsEnough && answeredEnough && isPrompt
}

function rateOf({ hits, reads }: HitCount): number {
  return reads === 0 ? 0 : round(hits / reads)
}

function answeredShareOf({ answered, reads }: Tally): number {
  return reads === 0 ? 0 : answered / reads
}

/** How long older answers were given after a write, over all writes and all connected instances. */
function visibilityOf(tally: Tally): { p50: number; p99: number; max: number } {
  const lags = [...tally.lagsMs].sort((one, other) => one - other)
  // Pairs in which nobody read in time have no lag; more lags than pairs come from moments of faults.
  const without = Math.max(0, tally.pairs - lags.length)
  const at = (share: number): number => {
    const place = Math.floor(share * (without + lags.length)) - without
    return place < 0 ? 0 : round(lags[place] ?? lags.at(-1) ?? 0)
  }
  return { p50: at(0.5), p99: at(0.99), max: round(lags.at(-1) ?? 0) }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * sorted.length)] ?? 0
}

function round(number: number): number {
  return Math.round(number * 10_000) / 10_000
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)} %`
}
