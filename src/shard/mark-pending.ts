import type { ShardState } from './shard-state.ts'

/**
 * Notes on writes that wait for the source that their keys were removed: what reads have found goes
 * when the source has it. Answers which of `ids` have one.
 */
export function markPending(state: ShardState, ids: readonly string[]): ReadonlySet<string> {
  const { pending } = state.rows
  const waiting = pending.find(ids)
  for (const row of waiting.values()) if (!row.marked) pending.revise({ ...row, marked: true })
  return new Set(waiting.keys())
}
