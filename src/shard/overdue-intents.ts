/**
 * Ends the writes of those who died.
 *
 * Every step that grants, stores or begins anything calls it first, whichever keys it is about: the
 * tags that a dead writer would have removed leave with the next such step, and not only when
 * somebody asks for the key that was written. The source may or may not have the write; a load will
 * tell.
 */

import type { ShardState } from './shard-state.ts'

/** Keys whose writes one step ends at most. The next step goes on; past its deadline none masks. */
const MAX_ENDED = 1_000

export function endOverdue(state: ShardState): void {
  const { rows, now } = state
  const ids = rows.overdueIntents(now, MAX_ENDED)
  if (ids.length === 0) return
  for (const [id, intents] of rows.intentsOf(ids)) {
    for (const { token, deadline, tags } of intents) {
      if (now < deadline) continue
      rows.removeIntent(id, token)
      rows.removeLeases([id])
      state.raise()
      state.removeTags(tags)
    }
  }
}
