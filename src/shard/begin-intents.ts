/** The step before a write to the source: from now on nobody serves or fills the key. */

import type { IntentRequest, ShardMoment } from '../contracts/shared-tier.ts'
import { endLeases } from './end-leases.ts'
import { endOverdue } from './overdue-intents.ts'
import type { ShardIntent } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/**
 * The intent takes the entry's place and the key's lease: whoever was loading stores nothing, and
 * whatever ends the lease keeps the write's own value from being stored.
 *
 * A write that begins again goes on under the number of its first begin, which is answered, and has
 * its deadline from now.
 */
export function beginIntents(
  state: ShardState,
  requests: readonly IntentRequest[],
): readonly ShardMoment[] {
  endOverdue(state)
  const intents = state.rows.intentsOf(requests.map(({ id }) => id))
  const begun = requests.map((request) => {
    const known = intents.get(request.id)?.find(({ token }) => token === request.token)
    return { request, known: known?.epoch === state.control.epoch ? known : undefined }
  })
  const ids = begun.flatMap(({ request, known }) => (known === undefined ? [request.id] : []))
  if (ids.length > 0) {
    state.rows.remove(ids, 'invalidated')
    endLeases(state, ids)
    state.raise({ kind: 'keys', ids, mode: 'delete' })
  }
  return begun.map(({ request, known }) => {
    const number = known?.number ?? state.control.sequence
    put(state, { ...request, number, again: known !== undefined })
    return { ...state.moment, sequence: number }
  })
}

function put(
  state: ShardState,
  begin: IntentRequest & { readonly number: number; readonly again: boolean },
): void {
  const { id, collection, token, tags, number } = begin
  const { rows } = state
  const deadline = state.tick + begin.deadlineMs
  const intent: ShardIntent = { token, deadline, tags, epoch: state.control.epoch, number }
  rows.putIntent(id, intent)
  // A lease that was taken from the write since its first begin is not for it to take back.
  if (begin.again && rows.leasesOf([id]).get(id)?.token !== token) return
  rows.putLease(id, { token, grant: number, expiresAt: deadline, collection, awaited: false })
}
