/** A snapshot of a shard's rows, as a replica has it or a restart finds it. */

import type { ShardRows } from '../../src/shard/index.ts'
import type { Rooms } from './rooms.ts'
import type { ShardQueue } from './shard-queue.ts'

export interface CopiedParts {
  readonly rooms: Rooms
  readonly from: ShardRows
  /** All ids that there may be, and all sessions. */
  readonly ids: readonly string[]
  readonly sessions: Iterable<string>
  readonly now: number
  /** What waits in the shard. */
  readonly queue: ShardQueue
}

const ALL = Number.MAX_SAFE_INTEGER

export function copyRows({ rooms, from, ids, sessions, now, queue }: CopiedParts): ShardRows {
  const to = rooms.newRows()
  const control = from.control()
  if (control !== undefined) to.saveControl(control)
  to.setNumbers(new Map(from.numbersAbove(-1, ALL).map(({ member, number }) => [member, number])))
  copyEntries(from, to, ids)
  for (const [id, lease] of from.leasesOf(ids)) to.putLease(id, lease)
  for (const [id, intents] of from.intentsOf(ids)) {
    for (const intent of intents) to.putIntent(id, intent)
  }
  copySessions(from, to, { sessions, now })
  for (const standing of from.standings(0)) to.putStanding(standing)
  queue.copy(from, to, 'all')
  return to
}

/**
 * What a server does that finds another replication id than the stored one, or its change numbers
 * gone: the record is dropped, so that the next step draws a new epoch above all that was known.
 */
export function withoutControl(
  parts: CopiedParts & { readonly operations: 'kept' | 'lost' },
): ShardRows {
  const { rooms, from, ids, sessions, now, operations, queue } = parts
  const to = rooms.newRows()
  const highest = from.highestNumber()
  if (highest > 0) to.setNumbers(new Map([['!', highest]]))
  copyEntries(from, to, ids)
  for (const [id, lease] of from.leasesOf(ids)) to.putLease(id, lease)
  for (const [id, intents] of from.intentsOf(ids)) {
    for (const intent of intents) to.putIntent(id, intent)
  }
  if (operations === 'kept') copySessions(from, to, { sessions, now })
  // Who has lost the control record has lost the epochs that it names.
  queue.copy(from, to, operations === 'kept' ? 'all' : 'without epochs')
  return to
}

function copyEntries(from: ShardRows, to: ShardRows, ids: readonly string[]): void {
  const rows = [...from.entriesOf(ids).values()]
  for (const row of rows) to.put(row)
  for (const { id, readAt } of from.sweepPage(undefined, ALL).heads) to.noteRead([id], readAt)
}

function copySessions(
  from: ShardRows,
  to: ShardRows,
  { sessions, now }: { readonly sessions: Iterable<string>; readonly now: number },
): void {
  for (const session of sessions) {
    const operation = from.operationOf(session)
    if (operation !== undefined) to.putOperation(session, operation, now)
  }
}
