/** The step before a load: the entry after all, the lease, or the word to wait. */

import type { ClaimAnswer, ClaimRequest, SharedEntry } from '../contracts/shared-tier.ts'
import { maskedIds } from './masked-ids.ts'
import { endOverdue } from './overdue-intents.ts'
import { servableEntries } from './servable-entries.ts'
import type { ShardLease } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'
import { leasesThatStand } from './standing-leases.ts'

export function claimLeases(
  state: ShardState,
  requests: readonly ClaimRequest[],
  leaseMs: number,
): readonly ClaimAnswer[] {
  endOverdue(state)
  const ids = requests.map(({ id }) => id)
  const masked = maskedIds(state, ids)
  const entries = servableEntries(state, ids)
  const known = state.rows.leasesOf(ids)
  // A key may be claimed twice in one batch: the second claim meets the first one's lease.
  const leases = leasesThatStand(state, known)
  const fresh: string[] = []
  const answers = requests.map((request): ClaimAnswer => {
    const { moment } = state
    const { id, token } = request
    if (masked.has(id)) return { kind: 'writing', ...moment }
    const entry = entries.get(id)
    if (entry !== undefined && staysFresh(entry, request, state.now)) {
      fresh.push(id)
      return { kind: 'fresh', entry, ...moment }
    }
    const held = leases.get(id)
    if (held !== undefined && held.token !== token) {
      if (state.told && !held.awaited) put(state, leases, { id, lease: { ...held, awaited: true } })
      const { expiresAt, grant } = held
      return { kind: 'wait', remainingMs: expiresAt - state.tick, grant, entry, ...moment }
    }
    const lease = held ?? newLease(state, request, leaseMs)
    if (held === undefined) {
      // Those who waited for the lease that has run out are to wait for this one.
      if (known.get(id)?.awaited === true) state.noteReleased([id])
      put(state, leases, { id, lease })
    }
    return { kind: 'granted', grant: lease.grant, entry, ...moment }
  })
  // Whoever asked is answered by it, as by a read.
  if (fresh.length > 0) state.rows.noteRead(fresh, state.now)
  return answers
}

function staysFresh(
  { pending, freshUntil }: SharedEntry,
  { leftMs = 0 }: ClaimRequest,
  now: number,
): boolean {
  // No load is newer than a write that the source does not have yet.
  return pending === true || freshUntil - now > leftMs
}

/** The grant is the sequence as it stands: a load changes nothing, so nobody is told of it. */
function newLease(state: ShardState, request: ClaimRequest, leaseMs: number): ShardLease {
  const { token, collection } = request
  const { sequence: grant } = state.control
  return { token, grant, expiresAt: state.tick + leaseMs, collection, awaited: false }
}

function put(
  state: ShardState,
  leases: Map<string, ShardLease>,
  { id, lease }: { readonly id: string; readonly lease: ShardLease },
): void {
  leases.set(id, lease)
  state.rows.putLease(id, lease)
}
