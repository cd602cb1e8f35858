/** What happens between a worker and the server. */

import type { FaultProxy } from '../servers/fault-proxy.ts'
import { type Arena, last, type RunFault, someSlots } from './arena.ts'
import type { SingleSite } from './single-site.ts'

/** Within what copies may be served blindly, and beyond it. */
const SHORT = { fromMs: 1000, toMs: 4000 }
const LONG = { fromMs: 6000, toMs: 8000 }
/** Enough for what a worker must hear, with little to spare. */
const BYTES_PER_SECOND = 60_000

export const wayFaults: ReadonlyMap<string, RunFault<SingleSite>> = new Map([
  ['reset', atOnce((proxy) => proxy.reset())],
  ['refuse', during((proxy) => proxy.refuse())],
  ['black hole to the server', during((proxy) => proxy.blackHole('up'))],
  ['black hole to the client', during((proxy) => proxy.blackHole('down'))],
  ['black hole', during((proxy) => proxy.blackHole('both'))],
  ['slow bytes', during(slow, healSlow)],
  ['sliced bytes', during((proxy) => proxy.set({ sliceBytes: 7, sliceDelayMs: 1 }))],
])

type Act = (proxy: FaultProxy) => void

function slow(proxy: FaultProxy): void {
  proxy.set({ bytesPerSecond: BYTES_PER_SECOND, latencyMs: 15 })
}

/** What has piled up would go on to come slowly, so those connections end. */
function healSlow(proxy: FaultProxy): void {
  proxy.heal()
  proxy.reset()
}

function atOnce(strike: Act): RunFault<SingleSite> {
  return async (arena, fault) => {
    const slots = someSlots(arena, fault)
    const mend = arena.timeline.break(arena.fleet.instancesOf(slots))
    for (const slot of slots) strike(proxyOf(arena, slot))
    mend()
  }
}

function during(
  strike: Act,
  heal: Act = (proxy: FaultProxy): void => proxy.heal(),
): RunFault<SingleSite> {
  return async (arena, fault) => {
    const slots = someSlots(arena, fault)
    const mend = arena.timeline.break(arena.fleet.instancesOf(slots))
    for (const slot of slots) strike(proxyOf(arena, slot))
    await last(arena, fault, arena.random.next() < 0.5 ? SHORT : LONG)
    for (const slot of slots) heal(proxyOf(arena, slot))
    mend()
  }
}

function proxyOf({ site }: Arena<SingleSite>, slot: number): FaultProxy {
  const proxy = site.proxies[slot]
  if (proxy === undefined) throw new RangeError(`There is no way to slot ${slot}.`)
  return proxy
}
