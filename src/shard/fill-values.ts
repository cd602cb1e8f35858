/** The step after a load: stores what was loaded, unless something has changed since it began. */

import type { FillAnswer, FillRequest } from '../contracts/shared-tier.ts'
import { maskedIds } from './masked-ids.ts'
import { newRow } from './new-row.ts'
import { endOverdue } from './overdue-intents.ts'
import type { ShardState } from './shard-state.ts'
import { standingLeases } from './standing-leases.ts'

export function fillValues(
  state: ShardState,
  values: readonly FillRequest[],
): readonly FillAnswer[] {
  endOverdue(state)
  const ids = values.map(({ id }) => id)
  const masked = maskedIds(state, ids)
  const leases = standingLeases(state, values)
  const filled = values.map((value) => ({ value, row: newRow(state, value, value.grant) }))
  const servable = state.judge(filled.map(({ row }) => row))
  return filled.map(({ value, row }): FillAnswer => {
    const held = leases.get(value.id)
    const mine = held?.token === value.token && held.grant === value.grant
    if (mine) {
      // It ends with this value, stored or not: nobody need wait for it any longer.
      leases.delete(value.id)
      state.rows.removeLeases([value.id])
    }
    const kept =
      mine &&
      value.epoch === state.control.epoch &&
      !masked.has(value.id) &&
      // One of its tags, or its collection, may have been removed since the load began.
      servable(row)
    if (kept) state.rows.put(row)
    return { kind: kept ? 'stored' : 'refused', ...state.moment }
  })
}
