/** What happens to the server while one worker hears nothing: it must find out when it is back. */

import { setTimeout as pause } from 'node:timers/promises'
import { last, type RunFault } from './arena.ts'
import { serverFaults } from './server-faults.ts'
import type { SingleSite } from './single-site.ts'

const KINDS = ['FLUSHALL', 'DEL of a control key', 'DEL of change numbers'] as const
/** So that something is missed before, too. */
const BEFORE_MS = 500

export const unseenFaults: ReadonlyMap<string, RunFault<SingleSite>> = new Map(
  KINDS.map((kind) => [`${kind}, unseen by one`, unseen(kind)]),
)

function unseen(kind: string): RunFault<SingleSite> {
  return async (arena, fault) => {
    const { fleet, random, site, timeline } = arena
    const slot = random.pick(fleet.slots)
    fault.detail = `by ${fleet.worker(slot).instance}`
    const mend = timeline.break(fleet.instancesOf([slot]))
    site.proxies[slot]?.blackHole()
    await pause(BEFORE_MS)
    await serverFaults.get(kind)?.(arena, fault)
    await last(arena, fault, { fromMs: 200, toMs: 3000 })
    site.proxies[slot]?.heal()
    mend()
  }
}
