/** Ends of leases that are told to those who wait for them. */

import type { ShardState } from './shard-state.ts'
import { leasesThatStand } from './standing-leases.ts'

/** Waiters told at once at most when many leases end together; the others look again by themselves. */
const MAX_TOLD = 1_000

/** Ends the leases of these keys, whoever holds them. */
export function endLeases(state: ShardState, ids: readonly string[]): void {
  const leases = state.rows.leasesOf(ids)
  if (leases.size === 0) return
  const ended = [...leases]
  state.rows.removeLeases(ended.map(([id]) => id))
  state.noteReleased(ended.filter(([, { awaited }]) => awaited).map(([id]) => id))
}

/** After a removal of many keys: whoever waits for a lease that it has ended need not any longer. */
export function endAwaited(state: ShardState): void {
  const awaited = state.rows.awaitedLeases(MAX_TOLD)
  const standing = leasesThatStand(state, awaited)
  const ended = [...awaited.keys()].filter((id) => !standing.has(id))
  if (ended.length === 0) return
  state.rows.removeLeases(ended)
  state.noteReleased(ended)
}
