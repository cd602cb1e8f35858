/** One slice of cleaning up: what nobody may be served any more, and what those who died have left. */

import { judgeRows } from './judge-rows.ts'
import { endOverdue } from './overdue-intents.ts'
import type { ShardRowHead } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/** A session that has sent nothing for as long has no step on its way either. */
const OPERATIONS_KEPT_MS = 600_000
/** Older standings are nobody's. */
export const STANDING_MS = 10_000

/** Looks at `limit` rows from `cursor` on, and answers where to go on; `undefined` at the end. */
export function sweepRows(
  state: ShardState,
  cursor: string | undefined,
  limit: number,
): string | undefined {
  const { rows, tick } = state
  endOverdue(state)
  rows.sweepLeases(tick, limit)
  rows.forgetOperations(tick - OPERATIONS_KEPT_MS)
  rows.forgetStandings(tick - STANDING_MS)
  const page = rows.sweepPage(cursor, limit)
  const verdictOf = judgeRows(state, page.heads)
  const gone = page.heads.filter((head) => verdictOf(head) === 'gone')
  const over = ({ graceUntil }: ShardRowHead): boolean => graceUntil <= state.now
  rows.remove(idsOf(gone.filter(over)), 'expired')
  rows.remove(idsOf(gone.filter((head) => !over(head))), 'invalidated')
  return page.cursor
}

function idsOf(heads: readonly ShardRowHead[]): readonly string[] {
  return heads.map(({ id }) => id)
}
