/** The step after the source has answered for writes that waited. */

import type { SettleAnswer, SettleRequest } from '../contracts/pending-steps.ts'
import { endLeases } from './end-leases.ts'
import type { PendingRow } from './pending-rows.ts'
import type { ShardState } from './shard-state.ts'

/** By comparing versions: what was written meanwhile is not settled by what came before it. */
export function settleWrites(
  state: ShardState,
  requests: readonly SettleRequest[],
): readonly SettleAnswer[] {
  const { pending } = state.rows
  const found = pending.find(requests.map(({ id }) => id))
  const settled = new Set<string>()
  return requests.map((request): SettleAnswer => {
    const { id } = request
    // A second one of the same key sees what the first has made of it.
    const latest = settled.has(id) ? pending.find([id]).get(id) : found.get(id)
    settled.add(id)
    return { kind: settle(state, request, latest), ...state.moment }
  })
}

function settle(
  state: ShardState,
  request: SettleRequest,
  latest: PendingRow | undefined,
): SettleAnswer['kind'] {
  const { id, epoch, version, outcome } = request
  const { pending } = state.rows
  if (latest === undefined) return vanished(state, request)
  const row = latest.version === version ? latest : pending.at(id, version)
  if (row === undefined || row.epoch !== epoch) {
    if (row === undefined) replacedBy(state, latest, request)
    return 'newer'
  }
  if (outcome.kind === 'retry') {
    const attempts = row.attempts + 1
    pending.revise({ ...row, taken: false, attempts, dueAt: state.now + outcome.delayMs })
    return 'waits'
  }
  if (row.version !== latest.version) {
    // Where every write is kept, those after it go on without it.
    if (outcome.kind === 'dead') bury(state, row, outcome.error)
    pending.remove(id, version)
    return 'removed'
  }
  switch (outcome.kind) {
    case 'applied':
      return applied(state, row)
    case 'discarded':
      return removed(state, row)
    case 'dead':
      bury(state, row, outcome.error)
      return removed(state, row)
    case 'raise':
      return raised(state, row, outcome.above)
    default:
      return outcome satisfies never
  }
}

/** What took its place need not stand for it any longer: who waits for it has waited enough. */
function replacedBy(
  { rows }: ShardState,
  latest: PendingRow,
  { version, outcome }: SettleRequest,
): void {
  if (outcome.kind === 'retry' || outcome.kind === 'raise') return
  if (latest.first > version || version >= latest.version) return
  rows.pending.revise({ ...latest, first: version + 1 })
}

/** The record was lost with the tail of this tier, but its write has come: what is known may be older. */
function vanished(
  state: ShardState,
  { id, version, outcome }: SettleRequest,
): SettleAnswer['kind'] {
  if (outcome.kind !== 'applied') return 'gone'
  if (state.rows.entriesOf([id]).get(id)?.stamp === version) return 'gone'
  touch(state, id)
  return 'gone'
}

/** What reads have found all the time, as an ordinary entry: nobody need hear of it. */
function applied(state: ShardState, row: PendingRow): SettleAnswer['kind'] {
  if (row.marked || row.epoch !== state.control.epoch) return removed(state, row)
  const { id, collection, epoch, version: stamp, envelope, tags } = row
  state.rows.pending.remove(id, row.version)
  const freshUntil = state.now + row.ttlMs
  const graceUntil = freshUntil + row.graceMs
  const { now: storedAt } = state
  state.rows.put({
    id,
    collection,
    epoch,
    stamp,
    storedAt,
    freshUntil,
    graceUntil,
    tags,
    envelope,
  })
  return 'clean'
}

/** One letter a key: the last of it that died. */
function bury({ rows, now }: ShardState, row: PendingRow, error: string): void {
  rows.pending.putDead({ ...row, error, diedAt: now })
}

function removed(state: ShardState, row: PendingRow): SettleAnswer['kind'] {
  state.rows.pending.remove(row.id, row.version)
  touch(state, row.id)
  return 'removed'
}

function touch(state: ShardState, id: string): void {
  state.rows.remove([id], 'invalidated')
  endLeases(state, [id])
  state.raise({ kind: 'keys', ids: [id], mode: 'delete' })
}

/** Only of this epoch: an older record is never newer than a row that it cannot be compared with. */
function raised(state: ShardState, row: PendingRow, above: number): SettleAnswer['kind'] {
  if (row.epoch !== state.control.epoch) return removed(state, row)
  if (above > state.control.sequence) state.update({ sequence: above })
  state.rows.pending.remove(row.id, row.version)
  const version = state.raise({ kind: 'keys', ids: [row.id], mode: 'delete' })
  // Under another version it is the same write: who waits for it waits on.
  state.rows.pending.put({ ...row, version, taken: false })
  return 'waits'
}
