/** The entries that a step may hand out, as they are to be taken. */

import { judgeRows } from './judge-rows.ts'
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
  return servable
}
