/** The step before a load: the entry after all, the lease, or the word to wait. */

import type { ClaimAnswer, ClaimRequest } from '../contracts/shared-tier.ts'
import { maskedIds } from './masked-ids.ts'
import { endOverdue } from './overdue-intents.ts'
import type { ShardState } from './shard-state.ts'
import { standingLeases } from './standing-leases.ts'

export function claimLeases(
  state: ShardState,
  requests: readonly ClaimRequest[],
  leaseMs: number,
): readonly ClaimAnswer[] {
  endOverdue(state)
  const ids = requests.map(({ id }) => id)
  const masked = maskedIds(state, ids)
  const rows = state.rows.entriesOf(ids)
  const servable = state.judge(rows.values())
  // A key may be claimed twice in one batch: the second claim meets the first one's lease.
  const leases = standingLeases(state, requests)
  return requests.map((request): ClaimAnswer => {
    const { moment } = state
    if (masked.has(request.id)) return { kind: 'writing', ...moment }
    const row = rows.get(request.id)
    const entry = row !== undefined && servable(row) ? row : undefined
    const fresh = entry !== undefined && state.now < entry.freshUntil
    if (fresh && request.reason !== 'refresh') return { kind: 'fresh', entry, ...moment }
    const held = leases.get(request.id)
    if (held !== undefined && held.token !== request.token) {
      return { kind: 'wait', remainingMs: held.expiresAt - state.now, entry, ...moment }
    }
    const lease = held ?? {
      token: request.token,
      // A number of its own: a token that asks again after it lost its lease is told apart, and so
      // are two values that were loaded without a change between them.
      grant: state.raise(),
      expiresAt: state.now + leaseMs,
    }
    leases.set(request.id, lease)
    if (held === undefined) state.rows.putLease(request.id, lease)
    return { kind: 'granted', grant: lease.grant, entry, ...state.moment }
  })
}
