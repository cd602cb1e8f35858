import type { ShardLease } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/**
 * The lease, if a fill in its name could still be stored: within its time, and granted neither before
 * the last clear nor by numbers that this shard has not come to, which are another epoch's.
 */
export function standingLease(
  state: ShardState,
  lease: ShardLease | undefined,
): ShardLease | undefined {
  if (lease === undefined || state.now >= lease.expiresAt) return undefined
  const { leaseFloor, sequence } = state.control
  return leaseFloor <= lease.grant && lease.grant <= sequence ? lease : undefined
}
