/** The step before a write to the source: from now on nobody serves or fills the key. */

import type { IntentAnswer, IntentRequest } from '../contracts/shared-tier.ts'
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
): readonly IntentAnswer[] {
  endOverdue(state)
  const { pending } = state.rows
  const waiting = pending.find(requests.map(({ id }) => id))
  // It is to be in the source before another way of writing goes past it.
  for (const { id, collection } of waiting.values()) {
    pending.setDue(collection, { id, upTo: undefined }, state.now)
  }
  const intents = state.rows.intentsOf(requests.map(({ id }) => id))
  const free = requests.filter(({ id }) => !waiting.has(id))
  const begun = free.map((request) => {
    const known = intents.get(request.id)?.find(({ token }) => token === request.token)
    return { request, known: known?.epoch === state.control.epoch ? known : undefined }
  })
  const ids = begun.flatMap(({ request, known }) => (known === undefined ? [request.id] : []))
  if (ids.length > 0) {
    state.rows.remove(ids, 'invalidated')
    endLeases(state, ids)
    state.raise({ kind: 'keys', ids, mode: 'delete' })
  }
  const numbers = new Map<IntentRequest, number>()
  for (const { request, known } of begun) {
    const number = known?.number ?? state.control.sequence
    put(state, { ...request, number, again: known !== undefined })
    numbers.set(request, number)
  }
  return requests.map((request): IntentAnswer => {
    const number = numbers.get(request)
    if (number === undefined) return { kind: 'pending', ...state.moment }
    return { kind: 'begun', ...state.moment, sequence: number }
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
