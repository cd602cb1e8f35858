/** One fault with all that belongs to it: calm before, work after, then the judgement. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Arena, RunFault } from './arena.ts'
import { converge } from './converge.ts'
import { monotonicMs } from './monotonic-ms.ts'
import type { Site } from './site.ts'

export interface Round<S extends Site> {
  readonly kind: string
  readonly run: RunFault<S>
  readonly calmMs: number
  /** How long writes go on after it. */
  readonly afterMs: number
}

export async function playRound<S extends Site>(
  arena: Arena<S>,
  { kind, run, calmMs, afterMs }: Round<S>,
): Promise<void> {
  const { timeline, tally, fleet } = arena
  const leave = timeline.enter('calm')
  await pause(calmMs)
  leave()
  const fault = timeline.begin(kind)
  tally.faults.set(kind, (tally.faults.get(kind) ?? 0) + 1)
  try {
    await run(arena, fault)
  } finally {
    fault.to = monotonicMs()
  }
  await pause(afterMs)
  await settle(arena, fault.to)
  await fleet.order({ kind: 'traffic', reads: true, writes: true })
}

/** Stops the writes, waits until all agree, and judges what has been read so far. */
export async function settle<S extends Site>(arena: Arena<S>, endedAt: number): Promise<void> {
  const { fleet, judge } = arena
  await fleet.order({ kind: 'traffic', reads: true, writes: false })
  await converge(arena, endedAt)
  await fleet.order({ kind: 'flush' })
  judge.judge(fleet.instances)
}
