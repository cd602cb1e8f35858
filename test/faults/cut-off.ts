/** One worker hears nothing for as long as is asked for: a fault that lasts longer than any drawn one. */

import { setTimeout as pause } from 'node:timers/promises'
import type { RunFault } from './arena.ts'
import type { SingleSite } from './single-site.ts'

export function cutOff(slot: number, ms: number): RunFault<SingleSite> {
  return async ({ site, fleet, timeline }, fault) => {
    fault.detail = `of ${fleet.worker(slot).instance} for ${ms} ms`
    const mend = timeline.break(fleet.instancesOf([slot]))
    site.proxies[slot]?.blackHole()
    await pause(ms)
    site.proxies[slot]?.heal()
    mend()
  }
}
