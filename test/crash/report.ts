/** What a run comes to, for people and for programs. */

import type { DeclaredLoss, Outcome } from './campaign.ts'
import type { ControlOutcome } from './controls.ts'
import { DEAD_LETTER } from './messages.ts'
import type { PowerOutcome } from './power-cuts.ts'

/** What `everysec` may hold back before a kill, with some time for the judge to hear of it. */
export const DECLARED_MS = 2500

export interface Run {
  readonly outcomes: readonly Outcome[]
  readonly controls: readonly ControlOutcome[]
  /** A text: why there were none. */
  readonly power: readonly PowerOutcome[] | string
  /** Of `PRAGMA synchronous`, as read at the commits of the SQLite tier; absent: not asked. */
  readonly synchronous: readonly number[] | undefined
}

/** A campaign of so many kills is to prove something. */
const CAMPAIGN_KILLS = 200
const LEAST_IN_FLIGHT = 50
const LEAST_ACKNOWLEDGED = 200_000

function sumOf(outcomes: readonly Outcome[], count: (outcome: Outcome) => number): number {
  return outcomes.reduce((total, one) => total + count(one), 0)
}

function isLargeEnough(outcomes: readonly Outcome[]): boolean {
  if (sumOf(outcomes, ({ kills }) => kills) < CAMPAIGN_KILLS) return true
  const inFlight = sumOf(outcomes, ({ killsInFlight }) => killsInFlight)
  const acknowledged = sumOf(outcomes, ({ verdict }) => verdict.acknowledged)
  return inFlight >= LEAST_IN_FLIGHT && acknowledged >= LEAST_ACKNOWLEDGED
}

export function isGood({ outcomes, controls, power, synchronous }: Run): boolean {
  const whole = outcomes.every(
    ({ verdict, troubles }) =>
      verdict.lost + verdict.rolledBack + verdict.outOfOrder + verdict.unknown === 0 &&
      troubles.length === 0,
  )
  const caught = controls.every(({ isCaught }) => isCaught)
  const cuts = typeof power === 'string' || power.every(({ isAsItMustBe }) => isAsItMustBe)
  const synced =
    synchronous === undefined || (synchronous.length > 0 && synchronous.every((n) => n === 2))
  return whole && caught && cuts && synced && isLargeEnough(outcomes)
}

/** Other programs rely on these fields; what was not as it must be is in `troubles`. */
export function reportAsJson(mode: string, run: Run): string {
  const { outcomes, controls, power, synchronous } = run
  const kills: Record<string, number> = {}
  for (const [kind, count] of outcomes.flatMap(({ kinds }) => [...kinds])) {
    kills[kind] = (kills[kind] ?? 0) + count
  }
  const shown = {
    mode,
    kills,
    inFlightKills: sumOf(outcomes, ({ killsInFlight }) => killsInFlight),
    acknowledged: sumOf(outcomes, ({ verdict }) => verdict.acknowledged),
    lost: sumOf(outcomes, ({ verdict }) => verdict.lost),
    rolledBack: sumOf(outcomes, ({ verdict }) => verdict.rolledBack),
    reordered: sumOf(outcomes, ({ verdict }) => verdict.outOfOrder),
    writtenByNobody: sumOf(outcomes, ({ verdict }) => verdict.unknown),
    deadLettered: sumOf(outcomes, ({ troubles }) => troubles.filter(isOfDeadLetter).length),
    controls: controls.map(({ name, isCaught }) => ({ name, caught: isCaught })),
    synchronous,
    power: typeof power === 'string' ? power : power.map(({ text }) => text),
    troubles: outcomes.flatMap(({ troubles }) => troubles),
    good: isGood(run),
  }
  return `${JSON.stringify(shown, undefined, 2)}\n`
}

function isOfDeadLetter(trouble: string): boolean {
  return trouble.includes(DEAD_LETTER)
}

export function reportAsText(run: Run): string {
  const { outcomes, controls, power, synchronous } = run
  const totals =
    outcomes.length < 2
      ? []
      : [
          `Together: ${sumOf(outcomes, ({ kills }) => kills)} kills, ${sumOf(outcomes, (one) => one.killsInFlight)} with a write under way; ${sumOf(outcomes, ({ verdict }) => verdict.acknowledged)} writes acknowledged; ${sumOf(outcomes, ({ verdict }) => verdict.lost)} lost, ${sumOf(outcomes, ({ verdict }) => verdict.rolledBack)} rolled back, ${sumOf(outcomes, ({ verdict }) => verdict.outOfOrder)} out of order.`,
        ]
  return [
    '',
    ...outcomes.flatMap(linesOf),
    ...totals,
    ...controls.map(
      ({ name, isCaught, verdict }) =>
        `Control, ${name}: ${isCaught ? 'caught' : 'NOT CAUGHT'} (${verdict.lost} lost, ${verdict.rolledBack} rolled back, of ${verdict.acknowledged} acknowledged).`,
    ),
    ...(synchronous === undefined ? [] : [synchronousLine(synchronous)]),
    ...(typeof power === 'string' ? [power] : power.map(({ text }) => text)),
    isGood(run) ? 'Good.' : 'Not good.',
    '',
  ].join('\n')
}

function linesOf(outcome: Outcome): string[] {
  const { site, kills, killsInFlight, kinds, verdict, troubles, declared } = outcome
  const { acknowledged, inDoubt, keys, lost, rolledBack, outOfOrder, unknown } = verdict
  return [
    ...verdict.findings,
    ...troubles,
    `${site}: ${kills} kills in ${Math.round(outcome.seconds)} s, ${killsInFlight} with a write under way; acknowledged as ${outcome.durability}:`,
    ...Array.from(kinds, ([kind, count]) => `  ${String(count).padStart(4)}  ${kind}`),
    `  ${acknowledged} writes acknowledged, ${inDoubt} in doubt, of ${keys} keys.`,
    `  Lost: ${lost}. Rolled back: ${rolledBack}. Out of order: ${outOfOrder}. Written by nobody: ${unknown}.`,
    ...(declared === undefined ? [] : [declaredLine(declared)]),
  ]
}

function declaredLine({ atRisk, lost }: DeclaredLoss): string {
  return (
    `  Lost within what \`appended\` declares: ${lost}, of ${atRisk} acknowledged up to ${DECLARED_MS} ms before Redis was killed. ` +
    'A killed Redis leaves what it has handed to the kernel: only writes that a slow disk makes it hold back, of 2 s at most, can go with it. A power cut takes up to some seconds.'
  )
}

function synchronousLine(levels: readonly number[]): string {
  const all = [...new Set(levels)].join(', ')
  return `PRAGMA synchronous, asked on the connection that keeps the writes at ${levels.length} of its commits: ${all} (FULL is 2).`
}
