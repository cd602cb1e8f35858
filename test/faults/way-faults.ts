/** What happens between a worker and the server. */

import type { FaultProxy } from '../servers/fault-proxy.ts'
import { type Arena, last, type RunFault, someSlots } from './arena.ts'
import type { SingleSite } from './single-site.ts'
import type { Fault } from './timeline.ts'

const LENGTH = { fromMs: 1000, toMs: 8000 }
/** Enough for what a worker must hear, with little to spare. */
const BYTES_PER_SECOND = 60_000

export const wayFaults: ReadonlyMap<string, RunFault<SingleSite>> = new Map([
  ['reset', (arena, fault) => atOnce(arena, fault, (proxy) => proxy.reset())],
  ['refuse', (arena, fault) => during(arena, fault, (proxy) => proxy.refuse())],
  [
    'black hole to the server',
    (arena, fault) => during(arena, fault, (proxy) => proxy.blackHole('up')),
  ],
  [
    'black hole to the client',
    (arena, fault) => during(arena, fault, (proxy) => proxy.blackHole('down')),
  ],
  ['black hole', (arena, fault) => during(arena, fault, (proxy) => proxy.blackHole('both'))],
  ['slow bytes', (arena, fault) => during(arena, fault, slow)],
  [
    'sliced bytes',
    (arena, fault) =>
      during(arena, fault, (proxy) => proxy.set({ sliceBytes: 7, sliceDelayMs: 1 })),
  ],
])

function slow(proxy: FaultProxy): void {
  proxy.set({ bytesPerSecond: BYTES_PER_SECOND, latencyMs: 15 })
}

/** At one moment. */
async function atOnce(
  arena: Arena<SingleSite>,
  fault: Fault,
  strike: (proxy: FaultProxy) => void,
): Promise<void> {
  const slots = someSlots(arena, fault)
  const mend = arena.timeline.break(arena.fleet.instancesOf(slots))
  for (const slot of slots) strike(proxyOf(arena, slot))
  mend()
}

async function during(
  arena: Arena<SingleSite>,
  fault: Fault,
  strike: (proxy: FaultProxy) => void,
): Promise<void> {
  const slots = someSlots(arena, fault)
  const mend = arena.timeline.break(arena.fleet.instancesOf(slots))
  for (const slot of slots) strike(proxyOf(arena, slot))
  await last(arena, fault, LENGTH)
  for (const slot of slots) proxyOf(arena, slot).heal()
  mend()
}

function proxyOf({ site }: Arena<SingleSite>, slot: number): FaultProxy {
  const proxy = site.proxies[slot]
  if (proxy === undefined) throw new RangeError(`There is no way to slot ${slot}.`)
  return proxy
}
