/** A replica takes the master's place: as it should, and while half of the workers stay behind. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Arena, RunFault } from './arena.ts'
import { MAX_LAG_S, type ReplicaSite } from './replica-site.ts'
import type { Fault } from './timeline.ts'

/** What the old master has taken meanwhile is lost. */
const TAIL_MS = 1500
/** Sooner, the old master might still take writes that the new one never hears of. */
const PROMOTION_MS = MAX_LAG_S * 1000 + 1000
/** Longer than copies may be served blindly, and long enough after that to see it. */
const SPLIT_MS = 9000

export const SPLIT = 'promotion while the old master lives'

export const replicaFaults: ReadonlyMap<string, RunFault<ReplicaSite>> = new Map([
  ['promotion with a lost tail', promote],
  [SPLIT, split],
])

async function promote({ site, fleet, timeline }: Arena<ReplicaSite>, fault: Fault): Promise<void> {
  fault.detail = `of what was written in ${TAIL_MS} ms`
  site.silence()
  await pause(TAIL_MS)
  const mend = timeline.break(fleet.instances)
  await site.master.kill9()
  await pause(PROMOTION_MS)
  await site.promote()
  for (const relay of site.relays) relay.pointAt(site.master.port)
  await site.replica.start()
  await site.attach()
  mend()
}

async function split({ site, fleet, timeline }: Arena<ReplicaSite>, fault: Fault): Promise<void> {
  const behind = fleet.slots.filter((slot) => slot % 2 === 1)
  fault.detail = `for ${fleet.instancesOf(behind).join(', ')}`
  const mend = timeline.break(fleet.instances)
  site.silence()
  await pause(PROMOTION_MS)
  await site.promote()
  for (const slot of fleet.slots) {
    if (!behind.includes(slot)) site.relays[slot]?.pointAt(site.master.port)
  }
  await pause(SPLIT_MS)
  for (const slot of behind) site.relays[slot]?.pointAt(site.master.port)
  await site.attach()
  mend()
}
