/** The step after a load: stores what was loaded, unless something has changed since it began. */

import type { FillAnswer, FillRequest } from '../contracts/shared-tier.ts'
import { endLeases } from './end-leases.ts'
import { judgeRows } from './judge-rows.ts'
import { maskedIds } from './masked-ids.ts'
import { newRow } from './new-row.ts'
import { endOverdue } from './overdue-intents.ts'
import type { ShardRow } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'
import { leasesThatStand } from './standing-leases.ts'

export function fillValues(
  state: ShardState,
  values: readonly FillRequest[],
): readonly FillAnswer[] {
  endOverdue(state)
  const ids = values.map(({ id }) => id)
  const masked = maskedIds(state, ids)
  const waiting = state.rows.pending.find(ids)
  const leases = leasesThatStand(state, state.rows.leasesOf(ids))
  const renewed = values.flatMap(({ id, envelope }) => (envelope === undefined ? [id] : []))
  const known = renewed.length === 0 ? undefined : state.rows.entriesOf(renewed)
  const filled = values.map((value) => ({ value, row: rowOf(state, value, known?.get(value.id)) }))
  const verdictOf = judgeRows(
    state,
    filled.flatMap(({ row }) => row ?? []),
  )
  return filled.map(({ value, row }): FillAnswer => {
    const { id, token, grant, epoch } = value
    const held = leases.get(id)
    const mine = held?.token === token && held.grant === grant
    if (mine) {
      // It ends with this value, stored or not: nobody need wait for it any longer.
      leases.delete(id)
      endLeases(state, [id])
    }
    const kept =
      mine &&
      epoch === state.control.epoch &&
      !masked.has(id) &&
      !waiting.has(id) &&
      row !== undefined &&
      // One of its tags, or its collection, may have been removed since the load began.
      verdictOf({ ...row, graceUntil: Number.POSITIVE_INFINITY }) === 'stands'
    // Without a life it is a removal that happens only if nothing came between.
    if (kept && row.graceUntil > state.now) state.rows.put(row)
    else if (kept) state.rows.remove([id], 'replaced')
    return { kind: kept ? 'stored' : 'refused', ...state.moment }
  })
}

/** `undefined`: there is nothing that could be given this life. */
function rowOf(
  state: ShardState,
  { envelope, ...value }: FillRequest,
  known: ShardRow | undefined,
): ShardRow | undefined {
  if (envelope !== undefined) return newRow(state, { ...value, envelope }, value.grant)
  if (known === undefined || known.epoch !== state.control.epoch) return undefined
  const { storedAt } = known
  return { ...newRow(state, { ...value, envelope: known.envelope }, value.grant), storedAt }
}
