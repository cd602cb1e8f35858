/** A whole run: the set-ups one after the other, with faults for as long as there is time. */

import { setTimeout as pause } from 'node:timers/promises'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Arena, RunFault } from './arena.ts'
import { clusterFaults, openClusterSite } from './cluster-site.ts'
import type { ClientName } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'
import { playRound } from './play-round.ts'
import { replicaFaults, SPLIT } from './replica-faults.ts'
import { ReplicaSite } from './replica-site.ts'
import { openSentinelSite, sentinelFaults } from './sentinel-site.ts'
import { serverFaults } from './server-faults.ts'
import { openSingleSite, type SingleSite } from './single-site.ts'
import type { Site } from './site.ts'
import { newTally, type Tally } from './tally.ts'
import { unseenFaults } from './unseen-faults.ts'
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
/** Shorter runs have one server only. */
const ALL_SITES_MINUTES = 5
/** What the other set-ups take: a failover is waited for. */
const OTHER_SITES_MINUTES = 2.7

/** A set-up that takes more than one server, and its faults. Each is played once. */
interface OtherSite {
  play(campaign: Campaign): Promise<void>
}

/** Fills the tally. */
export async function runCampaign(campaign: Campaign): Promise<void> {
  const { minutes, only } = campaign
  const all = minutes >= ALL_SITES_MINUTES || only !== undefined
  const singleMinutes = all && only === undefined ? minutes - OTHER_SITES_MINUTES : minutes
  const until = monotonicMs() + singleMinutes * 60_000
  await playSingle(campaign, until)
  if (all) for (const site of otherSites) await site.play(campaign)
}

const otherSites: readonly OtherSite[] = [
  otherSite((slots) => ReplicaSite.open(slots, 1), replicaFaults),
  { play: playUnguarded },
  otherSite(openSentinelSite, sentinelFaults),
  otherSite(openClusterSite, clusterFaults),
]

function otherSite<S extends Site>(
  open: (slots: number) => Promise<S>,
  faults: ReadonlyMap<string, RunFault<S>>,
): OtherSite {
  return {
    async play(campaign) {
      const chosen = chosenFrom(faults, campaign)
      if (chosen.length === 0) return
      await withArena(open, planOf(campaign), async (arena) => {
        await pause(WARM_UP_MS)
        for (const [kind, run] of chosen) {
          await playRound(arena, { kind, run, calmMs: CALM_MS, afterMs: AFTER_MS })
          campaign.progress(lineOf(arena))
        }
      })
    },
  }
}

/** Without `min-replicas-to-write`, those behind go on to follow the old master: it must be seen. */
async function playUnguarded(campaign: Campaign): Promise<void> {
  const split = chosenFrom(replicaFaults, campaign).find(([name]) => name === SPLIT)
  if (split === undefined) return
  const [kind, run] = split
  const own = { ...campaign, tally: newTally() }
  await withArena(
    (slots) => ReplicaSite.open(slots, 0),
    planOf(own),
    (arena) => playRound(arena, { kind, run, calmMs: CALM_MS, afterMs: AFTER_MS }),
  )
  const { staleReads, troubles } = own.tally
  campaign.tally.troubles.push(...troubles)
  campaign.tally.controls.push({ name: `${kind}, without min-replicas-to-write`, staleReads })
  campaign.progress(`${kind}, without min-replicas-to-write: ${staleReads} stale, as it must be`)
}

async function playSingle(campaign: Campaign, until: number): Promise<void> {
  const chosen = [wayFaults, serverFaults, unseenFaults, workerFaults].flatMap((faults) =>
    chosenFrom<SingleSite>(faults, campaign),
  )
  if (chosen.length === 0) return
  await withArena(openSingleSite, planOf(campaign), async (arena) => {
    await pause(WARM_UP_MS)
    const leave = arena.timeline.enter('faultless')
    await pause(FAULTLESS_MS)
    leave()
    for (const [kind, run] of inTurns(chosen, new SeededRandom(campaign.seed))) {
      if (monotonicMs() > until) return
      await playRound(arena, { kind, run, calmMs: CALM_MS, afterMs: AFTER_MS })
      campaign.progress(lineOf(arena))
    }
  })
}

function planOf({ clients, seed, tally }: Campaign): Parameters<typeof withArena>[1] {
  return { clients, seed, tally, longestMs: LONGEST_MS }
}

type NamedFault<S extends Site> = readonly [string, RunFault<S>]

function chosenFrom<S extends Site>(
  faults: ReadonlyMap<string, RunFault<S>>,
  { only = '' }: Campaign,
): NamedFault<S>[] {
  return [...faults].filter(([kind]) => kind.includes(only))
}

/** Each kind once in every turn, in another order each time; without end. */
function* inTurns<S extends Site>(
  faults: readonly NamedFault<S>[],
  random: SeededRandom,
): Generator<NamedFault<S>> {
  for (;;) {
    const left = [...faults]
    while (left.length > 0) {
      const [chosen] = left.splice(random.below(left.length), 1)
      if (chosen !== undefined) yield chosen
    }
  }
}

function lineOf<S extends Site>({ tally, timeline }: Arena<S>): string {
  const { staleReads, overBudgetReads, notConverged, reads } = tally
  const fault = timeline.faults.at(-1)
  const counts = `${reads} reads, ${staleReads} stale, ${overBudgetReads} late, ${notConverged} differ`
  return `${fault?.kind} ${fault?.detail}: ${counts}`
}
