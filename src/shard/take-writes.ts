/** Hands the writes that are due to the one process that may carry them out. */

import type { PendingRecord, TakeAnswer, TakeRequest } from '../contracts/pending-steps.ts'
import type { PendingRow } from './pending-rows.ts'
import type { ShardState } from './shard-state.ts'

/** One at a time: writes of a key would pass each other on their way otherwise. */
export function takeWrites(state: ShardState, request: TakeRequest): TakeAnswer {
  const { rows, tick, now } = state
  const { pending } = rows
  const { collection, owner, leaseMs, limit, maxBytes } = request
  const backlog = pending.backlog(collection)
  const about = { backlog, dead: pending.deadCount(collection), ...state.moment }
  const held = pending.owner(collection)
  if (held !== undefined && held.owner !== owner && tick < held.until) {
    return { kind: 'held', remainingMs: held.until - tick, ...about }
  }
  const { epoch } = state.control
  const due = limit === 0 ? [] : pending.due({ collection, epoch, now, limit })
  const goesOn = held?.owner === owner && held.until - tick >= leaseMs / 2
  if (limit === 0) pending.putOwner(collection, undefined)
  // Most of the time nothing is due, and then nothing need be written.
  else if (due.length > 0 || !goesOn) pending.putOwner(collection, { owner, until: tick + leaseMs })
  const taken = within(due, maxBytes)
  pending.take(taken.filter((row) => !row.taken))
  const next = taken.length < due.length ? now : nextAfter(state, collection, taken)
  return {
    kind: 'taken',
    records: taken.map((row) => recordOf(row, now)),
    epochs: pending.epochs(),
    nextMs: next === undefined ? undefined : Math.max(0, next - now),
    oldestMs: Math.max(0, now - (pending.oldest(collection) ?? now)),
    ...about,
  }
}

function within(rows: readonly PendingRow[], maxBytes: number): readonly PendingRow[] {
  let bytes = 0
  const end = rows.findIndex(({ envelope }, at) => {
    bytes += envelope.byteLength
    return at > 0 && bytes > maxBytes
  })
  return end < 0 ? rows : rows.slice(0, end)
}

/** What was taken is due as well: whether more is due now, the next asking tells. */
function nextAfter(
  { rows, now }: ShardState,
  collection: string,
  taken: readonly PendingRow[],
): number | undefined {
  const { records } = rows.pending.backlog(collection)
  if (records <= taken.length) return undefined
  return taken.length === 0 ? rows.pending.nextDue(collection) : now
}

export function recordOf(row: PendingRow, now: number): PendingRecord {
  const { id, collection, kind, epoch, version, envelope, removes, attempts, storedAt } = row
  const queuedMs = Math.max(0, now - storedAt)
  return { id, collection, kind, epoch, version, envelope, removes, attempts, queuedMs }
}
