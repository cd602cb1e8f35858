/**
 * One slice of removing what nobody has read for long, and the fence that lets one clean-up at a time
 * do so.
 *
 * Rows are values alone: a write that is under way has taken the entry's place, and one that waits
 * stands elsewhere. Removing a value that still stands is no change, as when room is needed: it takes
 * no number, and nobody is told.
 */

import type { IdleSpan } from '../contracts/idle-steps.ts'
import type { ShardState } from './shard-state.ts'

export interface SweepIdleSlice {
  readonly token: number
  readonly cursor: string | undefined
  readonly limit: number
  readonly spans: readonly IdleSpan[]
}

export interface SweptSlice {
  readonly looked: number
  readonly removed: number
  readonly removedBytes: number
  readonly cursor: string | undefined
}

/**
 * As if a session of its own sent a mutation under each token: forgotten as those are, ten minutes after
 * the last slice, when nobody cleans up any more.
 */
const SESSION = 'clean-up'

/** `false`: one with a greater token has begun. */
export function fenceCleanUp({ rows, tick }: ShardState, token: number): boolean {
  const latest = rows.operationOf(SESSION)
  if (latest !== undefined && latest > token) return false
  rows.putOperation(SESSION, token, tick)
  return true
}

/** `undefined`: overtaken. */
export function sweepIdle(state: ShardState, slice: SweepIdleSlice): SweptSlice | undefined {
  if (!fenceCleanUp(state, slice.token)) return undefined
  const { rows, now } = state
  const before = new Map(slice.spans.map((span) => [span.collection, now - span.afterMs]))
  const page = rows.sweepPage(slice.cursor, slice.limit)
  const found = page.heads.filter(({ collection }) => before.has(collection))
  const idle = found.filter(({ collection, readAt }) => {
    return readAt < (before.get(collection) ?? Number.NEGATIVE_INFINITY)
  })
  rows.remove(
    idle.map(({ id }) => id),
    'expired',
  )
  return {
    looked: found.length,
    removed: idle.length,
    removedBytes: idle.reduce((sum, { bytes }) => sum + bytes, 0),
    cursor: page.cursor,
  }
}
