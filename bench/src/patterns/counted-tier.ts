/** The shared tier in memory, a millisecond away, with its calls counted. */

import type { SharedTier } from 'tiercel'
import { memoryTier } from 'tiercel/memory'
import { chaosTier, type FakeClock } from 'tiercel/testing'

/** One way to a server in the same building, and back. */
const STEP_MS = 1

export interface CountedTier {
  /** For one instance. */
  readonly tier: SharedTier
  readonly calls: () => ReadonlyMap<string, number>
}

/** As many instances as are asked for, on one shared tier. */
export function countedTiers(clock: FakeClock, instances: number): CountedTier[] {
  const shared = memoryTier()
  return Array.from({ length: instances }, () => {
    const counts = new Map<string, number>()
    const plan = (operation: string) => {
      counts.set(operation, (counts.get(operation) ?? 0) + 1)
      return { kind: 'delay', ms: STEP_MS } as const
    }
    return { tier: chaosTier(shared, plan, clock), calls: () => counts }
  })
}
