/** Puts a set-up together, lets it be played, and takes it apart: what is left then is a trouble. */

import { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Arena } from './arena.ts'
import { Fleet } from './fleet.ts'
import { Judge } from './judge.ts'
import type { ClientName, WorkerPlan } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'
import { settle } from './play-round.ts'
import { RowSource } from './row-source.ts'
import type { Site } from './site.ts'
import { StallWatch } from './stall-watch.ts'
import type { Tally } from './tally.ts'
import { Timeline } from './timeline.ts'

/** A call's whole time, in all workers. */
const HARD_MS = 2000

export interface ArenaPlan {
  /** One worker each. */
  readonly clients: readonly ClientName[]
  readonly seed: number
  readonly tally: Tally
  readonly longestMs: number
  readonly planted?: WorkerPlan['planted']
}

export async function withArena<S extends Site>(
  open: (slots: number) => Promise<S>,
  { clients, seed, tally, longestMs, planted = 'none' }: ArenaPlan,
  play: (arena: Arena<S>) => Promise<void>,
): Promise<void> {
  await using site = await open(clients.length)
  const source = new RowSource()
  const timeline = new Timeline()
  const random = new SeededRandom(seed)
  const judge = new Judge({ source, timeline, tally, hardMs: HARD_MS })
  const plans = clients.map((client, slot) => ({
    client,
    address: site.addressOf(slot),
    policy: policyOf(slot),
    hardMs: HARD_MS,
    planted,
  }))
  const trouble = (text: string): void => void tally.troubles.push(`${site.name}: ${text}`)
  const hear = judge.hear.bind(judge)
  const fleet = await Fleet.start({ source, random, plans, hear, trouble })
  // The ways to the server lead through this process.
  const watch = new StallWatch((stall) => judge.stalled(fleet.instances, stall))
  try {
    const arena = { site, fleet, source, timeline, judge, tally, random, longestMs }
    await fleet.order({ kind: 'traffic', reads: true, writes: true })
    await play(arena)
    await settle(arena, monotonicMs())
    await fleet.close()
  } finally {
    watch.close()
    await fleet.kill()
  }
}

/** Each library writes in both ways. */
function policyOf(slot: number): 'through' | 'around' {
  return slot % 4 < 2 ? 'through' : 'around'
}
