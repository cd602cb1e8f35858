import type { ShardState } from './shard-state.ts'

/** Those of `ids` that are being written: an intent stands on them, whose deadline has not passed. */
export function maskedIds(state: ShardState, ids: readonly string[]): ReadonlySet<string> {
  const masked = new Set<string>()
  for (const [id, intents] of state.rows.intentsOf(ids)) {
    if (intents.some(({ deadline }) => state.tick < deadline)) masked.add(id)
  }
  return masked
}
