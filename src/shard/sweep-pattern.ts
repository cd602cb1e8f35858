/** One slice of removing what a pattern matches. */

import { activePatterns, endPattern } from './pattern-numbers.ts'
import type { ShardState } from './shard-state.ts'

export interface PatternSlice {
  readonly number: number
  /** Where the slice before it ended; `undefined`: it is the first. */
  readonly cursor: string | undefined
  readonly limit: number
}

/**
 * Removes entries that are older than the pattern, and marks it as ended behind the last slice.
 * Answers where to go on; `undefined`: there is nothing left to do.
 *
 * Slices may be repeated and left out by whoever begins anew: what is stored meanwhile is newer.
 */
export function sweepPattern(state: ShardState, slice: PatternSlice): string | undefined {
  const { rows } = state
  const pattern = activePatterns(rows).find(({ number }) => number === slice.number)
  if (pattern === undefined) return undefined
  const page = rows.sweepPage(slice.cursor, slice.limit)
  const gone = page.heads.filter((head) => head.stamp < pattern.number && pattern.matches(head))
  rows.remove(
    gone.map(({ id }) => id),
    'invalidated',
  )
  if (page.cursor === undefined) {
    rows.pending.mark(pattern.number, (row) => pattern.matches(row))
    endPattern(rows, pattern)
  }
  return page.cursor
}
