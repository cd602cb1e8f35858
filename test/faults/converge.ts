/** Whether all instances, and the shared tier, agree with the source once a fault is over. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import { allKeys } from './keyspace.ts'
import type { Row } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'
import type { Site } from './site.ts'

const WITHIN_MS = 10_000
const LOOK_EVERY_MS = 200
/** Of the differences, what is printed. */
const MAX_SHOWN = 5

/**
 * Writes must have been stopped. `endedAt`: of the fault. Counts what still differs after 10 s, in
 * pairs of an instance and a key.
 */
export async function converge<S extends Site>(arena: Arena<S>, endedAt: number): Promise<void> {
  const { tally, timeline } = arena
  for (;;) {
    const differences = await look(arena)
    const afterMs = monotonicMs() - endedAt
    if (differences.length === 0) {
      tally.convergedAfterMs.push(afterMs)
      return
    }
    if (afterMs > WITHIN_MS) {
      tally.notConverged += differences.length
      const fault = timeline.faults.at(-1)
      const shown = differences.slice(0, MAX_SHOWN).join('\n  ')
      tally.findings.push(
        `${differences.length} copies differ from the source ${Math.round(afterMs)} ms after ${fault?.kind} ${fault?.detail}:\n  ${shown}`,
      )
      return
    }
    await pause(LOOK_EVERY_MS)
  }
}

async function look<S extends Site>({ fleet, source }: Arena<S>): Promise<string[]> {
  const shared = await fleet.order({ kind: 'look', at: 'shared' })
  const all = await fleet.order({ kind: 'look', at: 'all' })
  const differ = (
    where: string,
    at: 'all' | 'shared',
    rows: readonly (Row | undefined)[],
  ): string[] =>
    allKeys.flatMap((key, index) => {
      const held = source.read(key)?.version
      const found = rows[index]
      // What the shared tier does not hold cannot be wrong.
      if (found === undefined ? at === 'shared' : found.version === held) return []
      return [`${where} has ${key} as ${found?.version ?? 'nothing'}, the source as ${held}`]
    })
  return fleet.slots.flatMap((slot) => {
    const { instance } = fleet.worker(slot)
    return [
      ...differ(`${instance}, in the shared tier,`, 'shared', shared[slot] ?? []),
      ...differ(instance, 'all', all[slot] ?? []),
    ]
  })
}
