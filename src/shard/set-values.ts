/** Stores values whatever stands there, unless the key is being written. */

import type { SetAnswer, SharedValue } from '../contracts/shared-tier.ts'
import { endLeases } from './end-leases.ts'
import { maskedIds } from './masked-ids.ts'
import { newRow } from './new-row.ts'
import { endOverdue } from './overdue-intents.ts'
import type { ShardState } from './shard-state.ts'

/** Each value has a number of its own: it is the version of the value. */
export function setValues(state: ShardState, values: readonly SharedValue[]): readonly SetAnswer[] {
  endOverdue(state)
  const ids = values.map(({ id }) => id)
  const masked = maskedIds(state, ids)
  const waiting = state.rows.pending.find(ids)
  endLeases(state, ids)
  return values.map((value): SetAnswer => {
    const number = state.raise({ kind: 'keys', ids: [value.id], mode: 'delete' })
    if (masked.has(value.id) || waiting.has(value.id)) return { kind: 'writing', ...state.moment }
    state.rows.put(newRow(state, value, number))
    return { kind: 'stored', ...state.moment }
  })
}
