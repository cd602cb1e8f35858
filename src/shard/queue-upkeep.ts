/** What people and flushes ask of the writes that wait: to hurry, to wait for them, to look at the dead. */

import type { DeadLetter, DeadPage } from '../contracts/pending-steps.ts'
import type { ShardMoment } from '../contracts/shared-tier.ts'
import type { DeadRow } from './pending-rows.ts'
import type { ShardState } from './shard-state.ts'
import { recordOf } from './take-writes.ts'

export function hastenWrites(
  state: ShardState,
  collection: string,
  id: string | undefined,
): ShardMoment {
  state.rows.pending.setDue(collection, id, state.now)
  return state.moment
}

export function deadPage(
  state: ShardState,
  collection: string,
  { cursor, limit }: { readonly cursor: string | undefined; readonly limit: number },
): DeadPage {
  const page = state.rows.pending.deadPage(collection, cursor, limit)
  return { letters: page.rows.map((row) => letterOf(row, state.now)), cursor: page.cursor }
}

/** Under new versions: whatever was written since they died is older then. */
export function reviveDead(state: ShardState, ids: readonly string[]): number {
  const { rows, now, control } = state
  const waiting = rows.pending.find(ids)
  let revived = 0
  for (const [id, { error: _, diedAt: __, ...row }] of rows.pending.findDead(ids)) {
    rows.pending.removeDead([id])
    if (waiting.has(id)) continue
    const version = state.raise({ kind: 'keys', ids: [id], mode: 'delete' })
    rows.remove([id], 'replaced')
    const times = { storedAt: now, dueAt: now, attempts: 0, taken: false, marked: false }
    rows.pending.put({ ...row, ...times, epoch: control.epoch, version, first: version })
    revived += 1
  }
  return revived
}

function letterOf(row: DeadRow, now: number): DeadLetter {
  return { ...recordOf(row, now), error: row.error, diedAt: row.diedAt }
}
