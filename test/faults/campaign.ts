/** A whole run: the set-ups one after the other, with faults for as long as there is time. */

import { setTimeout as pause } from 'node:timers/promises'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Arena, RunFault } from './arena.ts'
import type { ClientName } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'
import { playRound } from './play-round.ts'
import { serverFaults } from './server-faults.ts'
import { openSingleSite, type SingleSite } from './single-site.ts'
import type { Tally } from './tally.ts'
import { wayFaults } from './way-faults.ts'
import { withArena } from './with-arena.ts'
import { workerFaults } from './worker-faults.ts'

export interface Campaign {
  readonly minutes: number
  readonly clients: readonly ClientName[]
  readonly seed: number
  readonly tally: Tally
  /** Faults whose names contain it, alone. */
  readonly only: string | undefined
  readonly progress: (line: string) => void
}

const WARM_UP_MS = 2000
const FAULTLESS_MS = 10_000
const CALM_MS = 2500
const AFTER_MS = 1500
const LONGEST_MS = 8000

export async function runCampaign(campaign: Campaign): Promise<void> {
  const { minutes, clients, seed, tally } = campaign
  const until = monotonicMs() + minutes * 60_000
  const plan = { clients, seed, tally, longestMs: LONGEST_MS }
  await withArena(openSingleSite, plan, (arena) => playSingle(arena, campaign, until))
}

async function playSingle(
  arena: Arena<SingleSite>,
  { seed, only = '', progress }: Campaign,
  until: number,
): Promise<void> {
  await pause(WARM_UP_MS)
  const leave = arena.timeline.enter('faultless')
  await pause(FAULTLESS_MS)
  leave()
  const faults = [...wayFaults, ...serverFaults, ...workerFaults].filter(([kind]) =>
    kind.includes(only),
  )
  const random = new SeededRandom(seed)
  for (const [kind, run] of inTurns(faults, random)) {
    if (monotonicMs() > until) return
    await playRound(arena, { kind, run, calmMs: CALM_MS, afterMs: AFTER_MS })
    progress(lineOf(arena, kind))
  }
}

/** Each kind once in every turn, in another order each time; without end. */
function* inTurns<S extends SingleSite>(
  faults: readonly (readonly [string, RunFault<S>])[],
  random: SeededRandom,
): Generator<readonly [string, RunFault<S>]> {
  for (;;) {
    const left = [...faults]
    while (left.length > 0) {
      const [chosen] = left.splice(random.below(left.length), 1)
      if (chosen !== undefined) yield chosen
    }
  }
}

function lineOf({ tally, timeline }: Arena<SingleSite>, kind: string): string {
  const { staleReads, overBudgetReads, notConverged, reads } = tally
  const fault = timeline.faults.at(-1)
  const counts = `${reads} reads, ${staleReads} stale, ${overBudgetReads} late, ${notConverged} differ`
  return `${kind} ${fault?.detail ?? ''}: ${counts}`
}
