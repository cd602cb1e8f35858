/** One slice of cleaning up: what nobody may be served any more, and what those who died have left. */

import { endOverdue } from './overdue-intents.ts'
import type { ShardRowHead } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/** Looks at `limit` rows from `cursor` on, and answers where to go on; `undefined` at the end. */
export function sweepRows(
  state: ShardState,
  cursor: string | undefined,
  limit: number,
): string | undefined {
  endOverdue(state)
  state.rows.sweepLeases(state.now, limit)
  const page = state.rows.sweepPage(cursor, limit)
  const servable = state.judge(page.heads)
  const gone = page.heads.filter((head) => !servable(head))
  const over = ({ graceUntil }: ShardRowHead): boolean => graceUntil <= state.now
  state.rows.remove(idsOf(gone.filter(over)), 'expired')
  state.rows.remove(idsOf(gone.filter((head) => !over(head))), 'invalidated')
  return page.cursor
}

function idsOf(heads: readonly ShardRowHead[]): readonly string[] {
  return heads.map(({ id }) => id)
}
