/**
 * The leases by which a value could still be stored: within their time, and granted neither before
 * the last clear or pattern, nor before the last removal of the key's collection, nor by numbers that
 * this shard has not come to, which are another epoch's. Nobody need wait for the others.
 */

import { collectionMember } from './change-members.ts'
import type { ShardLease } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

export function leasesThatStand(
  state: ShardState,
  leases: ReadonlyMap<string, ShardLease>,
): Map<string, ShardLease> {
  const standing = new Map<string, ShardLease>()
  if (leases.size === 0) return standing
  const { leaseFloor, sequence } = state.control
  const collections = new Set([...leases.values()].map(({ collection }) => collection))
  const removed = state.rows.numbersOf([...collections].map(collectionMember))
  for (const [id, lease] of leases) {
    const { collection, grant } = lease
    const least = Math.max(leaseFloor, removed.get(collectionMember(collection)) ?? 0)
    if (state.tick < lease.expiresAt && least <= grant && grant <= sequence) standing.set(id, lease)
  }
  return standing
}
