/** All that a fault may touch, and that judges it afterwards: one set-up with its fleet. */

import { setTimeout as pause } from 'node:timers/promises'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Fleet } from './fleet.ts'
import type { Judge } from './judge.ts'
import type { RowSource } from './row-source.ts'
import type { Site } from './site.ts'
import type { Tally } from './tally.ts'
import type { Fault, Timeline } from './timeline.ts'

export interface Arena<S extends Site> {
  readonly site: S
  readonly fleet: Fleet
  readonly source: RowSource
  readonly timeline: Timeline
  readonly judge: Judge
  readonly tally: Tally
  readonly random: SeededRandom
  /** No fault lasts longer. */
  readonly longestMs: number
}

/** Breaks something, for as long as it takes, and mends it. */
export type RunFault<S extends Site> = (arena: Arena<S>, fault: Fault) => Promise<void>

/** Lasts for a while, which the fault's detail then tells. */
export async function last<S extends Site>(
  { random, longestMs }: Arena<S>,
  fault: Fault,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  const ms = Math.min(longestMs, fromMs + random.next() * (toMs - fromMs))
  fault.detail = `${fault.detail} for ${Math.round(ms)} ms`.trim()
  await pause(ms)
}

/** All workers are left without anybody who changes something. */
const ALL_SHARE = 0.3

/** One worker, or all. */
export function someSlots<S extends Site>({ fleet, random }: Arena<S>, fault: Fault): number[] {
  const slots = random.next() < ALL_SHARE ? [...fleet.slots] : [random.pick(fleet.slots)]
  fault.detail = `of ${fleet.instancesOf(slots).join(', ')} ${fault.detail}`.trim()
  return slots
}
