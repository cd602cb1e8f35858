/** What happens to a worker itself. */

import { type Arena, last, type RunFault } from './arena.ts'
import type { Site } from './site.ts'
import type { Fault } from './timeline.ts'

export const workerFaults: ReadonlyMap<string, RunFault<Site>> = new Map([
  ['kill -9 of a worker', killWorker],
  ['SIGSTOP of a worker', stopWorker],
])

async function killWorker({ fleet, random }: Arena<Site>, fault: Fault): Promise<void> {
  const slot = random.pick(fleet.slots)
  fault.detail = `of ${fleet.worker(slot).instance}`
  await fleet.replace(slot)
}

async function stopWorker(arena: Arena<Site>, fault: Fault): Promise<void> {
  const { fleet, random, timeline } = arena
  const worker = fleet.worker(random.pick(fleet.slots))
  fault.detail = `of ${worker.instance}`
  const mend = timeline.break([worker.instance])
  worker.pause()
  await last(arena, fault, { fromMs: 2000, toMs: 7000 })
  worker.resume()
  mend()
}
