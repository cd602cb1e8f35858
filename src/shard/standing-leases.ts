import type { SharedKey } from '../contracts/shared-tier.ts'
import type { ShardLease } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/**
 * The leases by which a value could still be stored: within their time, and granted neither before
 * the last clear, nor before the last removal of the key's collection, nor by numbers that this
 * shard has not come to, which are another epoch's. Nobody need wait for the others.
 */
export function standingLeases(
  state: ShardState,
  keys: readonly SharedKey[],
): Map<string, ShardLease> {
  const leases = new Map(state.rows.leasesOf(keys.map(({ id }) => id)))
  if (leases.size === 0) return leases
  const { leaseFloor, sequence } = state.control
  const removedAt = state.collectionNumbers(keys)
  for (const { id, collection } of keys) {
    const lease = leases.get(id)
    if (lease === undefined) continue
    const least = Math.max(leaseFloor, removedAt(collection))
    const stands = state.now < lease.expiresAt && least <= lease.grant && lease.grant <= sequence
    if (!stands) leases.delete(id)
  }
  return leases
}
