/** The entries that a step may hand out, as they are to be taken. */

import { judgeRows } from './judge-rows.ts'
import type { PendingRow } from './pending-rows.ts'
import type { ShardRow } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/** Those of `ids` that are not gone; one of an expired tag has no fresh life left. */
export function servableEntries(
  state: ShardState,
  ids: readonly string[],
): ReadonlyMap<string, ShardRow> {
  const rows = state.rows.entriesOf(ids)
  const verdictOf = judgeRows(state, rows.values())
  const servable = new Map<string, ShardRow>()
  for (const [id, row] of rows) {
    const verdict = verdictOf(row)
    if (verdict === 'stands') servable.set(id, row)
    if (verdict !== 'expired') continue
    servable.set(id, { ...row, freshUntil: Math.min(row.freshUntil, state.now) })
  }
  for (const [id, row] of state.rows.pending.find(ids)) servable.set(id, entryOf(row))
  return servable
}

/** What waits for the source is what its key is, whatever was removed: it has no end of its own. */
function entryOf(row: PendingRow): ShardRow {
  const { id, collection, epoch, version: stamp, storedAt, tags, envelope } = row
  const endless = { freshUntil: Number.POSITIVE_INFINITY, graceUntil: Number.POSITIVE_INFINITY }
  return { id, collection, epoch, stamp, storedAt, ...endless, tags, envelope, pending: true }
}
