/**
 * Ends the writes of those who died.
 *
 * Whoever meets an intent past its deadline ends it: the tags that its writer would have removed are
 * removed, and the lease is revoked. The source may or may not have the write; a load will tell.
 */

import type { ShardState } from './shard-state.ts'

export function endOverdue(state: ShardState, ids: readonly string[]): void {
  if (ids.length === 0) return
  for (const [id, intents] of state.rows.intentsOf(ids)) {
    for (const { token, deadline, tags } of intents) {
      if (deadline > state.now) continue
      state.rows.removeIntent(id, token)
      state.rows.removeLeases([id])
      state.raise()
      state.removeTags(tags)
    }
  }
}
