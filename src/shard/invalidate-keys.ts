/** Deletes or expires keys one by one, and tells which had an entry that could have been served. */

import type { Invalidation } from '../contracts/shared-tier.ts'
import { endLeases } from './end-leases.ts'
import { judgeRows } from './judge-rows.ts'
import { markPending } from './mark-pending.ts'
import type { ShardRow } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

type KeysInvalidation = Extract<Invalidation, { kind: 'keys' }>

export function invalidateKeys(
  state: ShardState,
  { keys, mode }: KeysInvalidation,
): readonly boolean[] {
  if (keys.length === 0) return []
  const ids = keys.map(({ id }) => id)
  const rows = state.rows.entriesOf(ids)
  const verdictOf = judgeRows(state, rows.values())
  const waiting =
    mode === 'delete' ? markPending(state, ids) : new Set(state.rows.pending.find(ids).keys())
  const found = ids.map((id) => {
    const row = rows.get(id)
    return waiting.has(id) || (row !== undefined && verdictOf(row) !== 'gone')
  })
  // Also where there was no entry: a load may be under way that has read what is stale now.
  endLeases(state, ids)
  const number = state.raise({ kind: 'keys', ids, mode })
  if (mode === 'delete') {
    state.rows.remove(ids, 'deleted')
    return found
  }
  for (const row of rows.values()) {
    if (verdictOf(row) !== 'gone') endFreshness(state, row, number)
  }
  return found
}

/** From now on in grace, for as long as was granted, and not longer than it would have been. */
function endFreshness({ rows, now }: ShardState, row: ShardRow, number: number): void {
  const freshUntil = Math.min(row.freshUntil, now)
  // Without an end there is no distance between the two; readers know the grace that was granted.
  const endless = row.freshUntil === Number.POSITIVE_INFINITY
  const graceUntil = endless
    ? row.graceUntil
    : Math.min(row.graceUntil, freshUntil + row.graceUntil - row.freshUntil)
  // Another number, so that a renewal that is still on its way meets another entry.
  if (now < row.freshUntil) rows.put({ ...row, stamp: number, freshUntil, graceUntil })
  else rows.setTimes(row.id, { freshUntil, graceUntil })
}
