/** Takes writes that wait for the source: each takes its entry's place at once. */

import type { Backlog, EnqueueAnswer, EnqueueRequest } from '../contracts/pending-steps.ts'
import { endLeases } from './end-leases.ts'
import { maskedIds } from './masked-ids.ts'
import { endOverdue } from './overdue-intents.ts'
import type { PendingRow } from './pending-rows.ts'
import type { ShardState } from './shard-state.ts'

export function enqueueWrites(
  state: ShardState,
  requests: readonly EnqueueRequest[],
): readonly EnqueueAnswer[] {
  endOverdue(state)
  const { pending } = state.rows
  const ids = requests.map(({ id }) => id)
  const masked = maskedIds(state, ids)
  // The latest of each key, with those of this very step.
  const latest = new Map(pending.find(ids))
  const queued = requests.map((request): EnqueueAnswer => {
    const { id, collection } = request
    if (masked.has(id)) return { kind: 'writing', ...state.moment }
    const known = latest.get(id)
    const late = overdueOf(state, request)
    const backlog = { ...pending.backlog(collection), ...late }
    if (isFull(backlog, request, known)) return { kind: 'full', backlog, ...state.moment }
    latest.set(id, enqueue(state, request, known))
    return { kind: 'queued', backlog: { ...pending.backlog(collection), ...late }, ...state.moment }
  })
  const taken = ids.filter((_, at) => queued[at]?.kind === 'queued')
  state.rows.remove(taken, 'replaced')
  pending.removeDead(taken)
  endLeases(state, taken)
  return queued
}

/** Nothing, where the bound does not ask for it. */
function overdueOf(
  { rows, now }: ShardState,
  { collection, most }: EnqueueRequest,
): Pick<Backlog, 'overdueMs'> {
  if (most.overdueMs === undefined) return {}
  return { overdueMs: Math.max(0, now - (rows.pending.nextDue(collection) ?? now)) }
}

/** A write that takes the place of another needs no more room than its bytes. */
function isFull(
  { records, bytes, overdueMs = 0 }: Backlog,
  request: EnqueueRequest,
  known: PendingRow | undefined,
): boolean {
  const { envelope, most } = request
  const replaced = replacedBy(request, known)
  const more = envelope.byteLength - (replaced?.envelope.byteLength ?? 0)
  const { overdueMs: mostMs = Number.POSITIVE_INFINITY } = most
  if (replaced === undefined && (records >= most.records || overdueMs > mostMs)) return true
  return more > 0 && records > 0 && bytes + more > most.bytes
}

function enqueue(
  state: ShardState,
  request: EnqueueRequest,
  known: PendingRow | undefined,
): PendingRow {
  const { rows, now } = state
  const { id, collection, envelope, ttlMs, graceMs, tags, removes, delayMs } = request
  const version = state.raise({ kind: 'keys', ids: [id], mode: 'delete' })
  const replaced = replacedBy(request, known)
  const kind = kindOf(state, request, replaced)
  // The one that is being written keeps its own deadline: this one waits for company anew. What becomes
  // of that one is not known yet, so this one stands for it too, and removes what it would have.
  const goesOn = replaced !== undefined && !replaced.taken
  const row: PendingRow = {
    id,
    collection,
    kind,
    epoch: state.control.epoch,
    version,
    first: replaced?.first ?? version,
    storedAt: goesOn ? replaced.storedAt : now,
    dueAt: goesOn ? Math.min(replaced.dueAt, now + delayMs) : now + delayMs,
    ttlMs,
    graceMs,
    tags,
    removes: [...new Set([...(replaced?.removes ?? []), ...removes])],
    attempts: 0,
    taken: false,
    marked: known?.marked === true,
    envelope,
  }
  if (replaced === undefined) rows.pending.put(row)
  else rows.pending.replace(replaced, row)
  return row
}

/** Nothing where every write is kept, nor what a creation would meet: it waits to be refused in its turn. */
function replacedBy(
  { keep, kind }: EnqueueRequest,
  known: PendingRow | undefined,
): PendingRow | undefined {
  if (keep === 'every') return undefined
  return kind === 'create' && known?.kind !== 'remove' ? undefined : known
}

/** What the write comes to with the one whose place it takes. */
function kindOf(
  { rows: { pending } }: ShardState,
  { kind, collection, id }: EnqueueRequest,
  replaced: PendingRow | undefined,
): EnqueueRequest['kind'] {
  // What was to be removed first may stand there still.
  if (kind === 'create') return replaced?.kind === 'remove' ? 'put' : kind
  if (kind !== 'put' || replaced?.kind !== 'create' || replaced.taken) return kind
  // A row that the source does not have yet is still to be created, whatever was put into it since.
  const isFirst = pending.page(collection, { id, limit: 1 }).rows.length <= 1
  return isFirst ? 'create' : kind
}
