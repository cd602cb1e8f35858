/**
 * Ends the writes of those who died.
 *
 * Every step that grants, stores or changes anything calls it first, whichever keys it is about: the
 * tags that a dead writer would have removed leave with the next such step, and not only when
 * somebody asks for the key that was written. The source may or may not have the write; a load will
 * tell.
 */

import { endLeases } from './end-leases.ts'
import type { ShardState } from './shard-state.ts'
import { putTags } from './tag-numbers.ts'

/** Keys whose writes one step ends at most. The next step goes on; past its deadline none masks. */
const MAX_ENDED = 1_000

export function endOverdue(state: ShardState): void {
  const { rows, tick } = state
  const overdue = rows.overdueIntents(tick, MAX_ENDED)
  if (overdue.length === 0) return
  const ended: string[] = []
  const tags = new Set<string>()
  for (const [id, intents] of rows.intentsOf(overdue)) {
    for (const intent of intents) {
      if (tick < intent.deadline) continue
      rows.removeIntent(id, intent.token)
      ended.push(id)
      for (const tag of intent.tags) tags.add(tag)
    }
  }
  if (ended.length === 0) return
  const ids = [...new Set(ended)]
  endLeases(state, ids)
  const removed = [...tags].map((tag) => ({ kind: 'tag', tag, mode: 'delete' }) as const)
  const number = state.raise({ kind: 'keys', ids, mode: 'delete' }, ...removed)
  putTags(state, tags, { mode: 'delete', number })
}
