/** Leases of loads that take longer than a lease lasts: they are prolonged, and none that has ended stands again. */

import type { ReleaseRequest } from '../contracts/shared-tier.ts'
import type { ShardState } from './shard-state.ts'
import { leasesThatStand } from './standing-leases.ts'

export function renewLeases(
  state: ShardState,
  requests: readonly ReleaseRequest[],
  leaseMs: number,
): void {
  const leases = leasesThatStand(state, state.rows.leasesOf(requests.map(({ id }) => id)))
  for (const { id, token, grant } of requests) {
    const lease = leases.get(id)
    if (lease?.token !== token || lease.grant !== grant) continue
    state.rows.putLease(id, { ...lease, expiresAt: state.tick + leaseMs })
  }
}
