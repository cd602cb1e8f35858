/** What people and flushes ask of the writes that wait: to hurry, to wait for them, to look at the dead. */

import type {
  DeadLetter,
  DeadPage,
  QueuePage,
  QueueState,
  WaitingPage,
  WaitingWrite,
} from '../contracts/pending-steps.ts'
import type { ShardMoment } from '../contracts/shared-tier.ts'
import { maskedIds } from './masked-ids.ts'
import type { DeadRow, PendingRow } from './pending-rows.ts'
import type { ShardState } from './shard-state.ts'
import { recordOf } from './take-writes.ts'

export function hastenWrites(
  state: ShardState,
  collection: string,
  which: { readonly id: string | undefined; readonly upTo: number | undefined },
): ShardMoment {
  state.rows.pending.setDue(collection, which, state.now)
  return state.moment
}

export function queueState({ rows: { pending }, now }: ShardState, collection: string): QueueState {
  const oldestMs = Math.max(0, now - (pending.oldest(collection) ?? now))
  return { ...pending.backlog(collection), dead: pending.deadCount(collection), oldestMs }
}

export function waitingPage(state: ShardState, collection: string, page: QueuePage): WaitingPage {
  const { rows, cursor } = state.rows.pending.page(collection, page)
  return { writes: rows.map((row) => waitingOf(row, state.now)), cursor }
}

export function deadPage(state: ShardState, collection: string, page: QueuePage): DeadPage {
  const { rows, cursor } = state.rows.pending.deadPage(collection, page)
  return { letters: rows.map((row) => letterOf(row, state.now)), cursor }
}

/**
 * Under new versions: whatever was written since they died is older then. What the source is being given
 * right now may be older too, so a letter whose key is being written stays one.
 */
export function reviveDead(state: ShardState, ids: readonly string[]): number {
  const { rows, now, control } = state
  const waiting = rows.pending.find(ids)
  const written = maskedIds(state, ids)
  let revived = 0
  for (const [id, { error: _, diedAt: __, ...row }] of rows.pending.findDead(ids)) {
    if (written.has(id)) continue
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

function waitingOf(row: PendingRow, now: number): WaitingWrite {
  const { ttlMs, graceMs, tags, taken } = row
  return { ...recordOf(row, now), ttlMs, graceMs, tags, taken }
}

function letterOf(row: DeadRow, now: number): DeadLetter {
  return { ...waitingOf(row, now), error: row.error, diedAt: row.diedAt }
}
