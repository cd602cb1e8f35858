/** The step after a write to the source. */

import type { EndIntentAnswer, EndIntentRequest } from '../contracts/shared-tier.ts'
import { endLeases } from './end-leases.ts'
import { judgeRows } from './judge-rows.ts'
import { markPending } from './mark-pending.ts'
import { newRow } from './new-row.ts'
import { endOverdue } from './overdue-intents.ts'
import type { ShardIntent, ShardLease, ShardRow } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'
import { putTags } from './tag-numbers.ts'

interface Ending {
  readonly request: EndIntentRequest
  /** What the write leaves, if nothing came between. */
  readonly row: ShardRow | undefined
}

/**
 * Also of a write that has ended by its deadline: what was loaded since then may be older, and goes.
 *
 * The value is as old as the begin, and stands only if nothing has touched the key since: no other
 * write, no change that ended the lease, no other epoch, no floor, no removal of a tag.
 */
export function endIntents(
  state: ShardState,
  requests: readonly EndIntentRequest[],
): readonly EndIntentAnswer[] {
  endOverdue(state)
  if (requests.length === 0) return []
  const ids = requests.map(({ id }) => id)
  const { rows } = state
  const intents = rows.intentsOf(ids)
  const leases = rows.leasesOf(ids)
  rows.remove(ids, 'invalidated')
  // What was queued after the deadline of this write may be older than what it has written.
  const waiting = markPending(state, ids)
  endLeases(state, ids)
  tell(state, ids, tagsOf(requests, intents))
  endDead(state, requests)
  const twice = idsNamedTwice(ids)
  const endings = requests.map((request) => {
    // Ends of one key in one step have one number, so none of them can be said to be the last.
    const isLast = !twice.has(request.id) && !waiting.has(request.id)
    return { request, row: isLast ? rowOf(state, request) : undefined }
  })
  const verdictOf = judgeRows(
    state,
    endings.flatMap(({ row }) => row ?? []),
  )
  return endings.map((ending): EndIntentAnswer => {
    const { id, token } = ending.request
    const stands =
      verdictIs(ending, verdictOf) && isAlone(state, ending.request, { intents, leases })
    rows.removeIntent(id, token)
    if (stands && ending.row !== undefined) rows.put(ending.row)
    return { kind: stands ? 'set' : 'removed', ...state.moment }
  })
}

/** Dead letters that are older than what the source has now: queued again, they would undo it. */
function endDead(state: ShardState, requests: readonly EndIntentRequest[]): void {
  const { rows, control } = state
  const written = requests.filter((one) => one.written && one.begun?.epoch === control.epoch)
  if (written.length === 0) return
  const letters = rows.pending.findDead(written.map(({ id }) => id))
  const older = written.flatMap(({ id, begun }) =>
    (letters.get(id)?.version ?? Number.POSITIVE_INFINITY) < (begun?.number ?? 0) ? [id] : [],
  )
  rows.pending.removeDead(older)
}

function idsNamedTwice(ids: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const id of ids) (seen.has(id) ? twice : seen).add(id)
  return twice
}

function tagsOf(
  requests: readonly EndIntentRequest[],
  intents: ReadonlyMap<string, readonly ShardIntent[]>,
): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ id, token, tags }) => {
      const begun = intents.get(id)?.find((intent) => intent.token === token)
      return [...tags, ...(begun?.tags ?? [])]
    }),
  )
}

function tell(state: ShardState, ids: readonly string[], tags: ReadonlySet<string>): void {
  const removed = [...tags].map((tag) => ({ kind: 'tag', tag, mode: 'delete' }) as const)
  const keys = [...new Set(ids)]
  const number = state.raise({ kind: 'keys', ids: keys, mode: 'delete' }, ...removed)
  putTags(state, tags, { mode: 'delete', number })
}

function rowOf(
  state: ShardState,
  { value, begun, ...key }: EndIntentRequest,
): ShardRow | undefined {
  if (value === undefined || begun?.epoch !== state.control.epoch) return undefined
  if (begun.number < state.control.leaseFloor) return undefined
  const { valueTags, ...life } = value
  return newRow(state, { ...key, ...life, tags: valueTags }, begun.number)
}

function verdictIs({ row }: Ending, verdictOf: ReturnType<typeof judgeRows>): boolean {
  return row !== undefined && verdictOf(row) === 'stands'
}

/** Whether the write's token stands alone on the key, and its lease stands. */
function isAlone(
  state: ShardState,
  { id, token }: EndIntentRequest,
  {
    intents,
    leases,
  }: {
    readonly intents: ReadonlyMap<string, readonly ShardIntent[]>
    readonly leases: ReadonlyMap<string, ShardLease>
  },
): boolean {
  const [intent, ...others] = intents.get(id) ?? []
  const lease = leases.get(id)
  const own = intent?.token === token && intent.epoch === state.control.epoch
  const held = lease?.token === token && state.tick < lease.expiresAt
  return own && others.length === 0 && held
}
