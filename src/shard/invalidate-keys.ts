/** Deletes or expires keys one by one, and tells which had an entry that could have been served. */

import type { Invalidation } from '../contracts/shared-tier.ts'
import type { ShardRow } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

type KeysInvalidation = Extract<Invalidation, { kind: 'keys' }>

export function invalidateKeys(state: ShardState, what: KeysInvalidation): readonly boolean[] {
  const ids = what.keys.map(({ id }) => id)
  const rows = state.rows.entriesOf(ids)
  const servable = state.judge(rows.values())
  const found = ids.map((id) => {
    const row = rows.get(id)
    return row !== undefined && servable(row)
  })
  if (what.mode === 'delete') state.rows.remove(ids, 'deleted')
  else for (const row of rows.values()) if (servable(row)) endFreshness(state, row)
  // Also where there was no entry: a load may be under way that has read what is stale now.
  state.rows.removeLeases(ids)
  state.raise()
  return found
}

/** From now on in grace, for as long as was granted, and not longer than it would have been. */
function endFreshness(state: ShardState, row: ShardRow): void {
  const { rows, now } = state
  const freshUntil = Math.min(row.freshUntil, now)
  // Without an end there is no distance between the two; readers know the grace that was granted.
  const endless = row.freshUntil === Number.POSITIVE_INFINITY
  const graceUntil = endless
    ? row.graceUntil
    : Math.min(row.graceUntil, freshUntil + row.graceUntil - row.freshUntil)
  // Another number, so that a renewal that is still on its way meets another entry.
  if (now < row.freshUntil) rows.put({ ...row, stamp: state.raise(), freshUntil, graceUntil })
  else rows.setTimes(row.id, { freshUntil, graceUntil })
}
