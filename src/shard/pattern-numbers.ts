/**
 * Patterns among the change numbers of a shard: active until what they match has been removed slice
 * by slice, and kept as ended for those who were away.
 */

import { compileGlob } from '../keys/glob.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import { activePatternMember, endedPatternMember, patternOfMember } from './change-members.ts'
import { endAwaited } from './end-leases.ts'
import type { ShardRows } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/** Patterns kept of a shard, active and ended. Forgetting one raises the floor to its number. */
const MAX_PATTERNS = 100

export interface ActivePattern {
  readonly number: number
  readonly collection: string
  readonly pattern: string
  readonly matches: (key: { readonly id: string; readonly collection: string }) => boolean
}

export function activePatterns(rows: ShardRows): readonly ActivePattern[] {
  return [...rows.numbersOfKind('p')].map(([member, number]) => {
    const { collection, pattern } = patternOfMember(member)
    return { number, collection, pattern, matches: matcher(collection, pattern) }
  })
}

/**
 * Every older entry that it matches is gone. No load that has begun may store: what it will bring
 * cannot be told from what the slices have passed already.
 *
 * @throws ArgumentError if the pattern is none; nothing was changed.
 */
export function removePattern(state: ShardState, collection: string, pattern: string): void {
  compileGlob(pattern)
  const { rows } = state
  const number = state.raise({ kind: 'pattern', collection, pattern, active: true })
  state.update({ leaseFloor: number })
  rows.removeNumbers([endedPatternMember(collection, pattern)])
  rows.setNumbers(new Map([[activePatternMember(collection, pattern), number]]))
  forgetPatterns(state)
  endAwaited(state)
}

/** Its slices have come to their end: it judges no entries of the tier any more. */
export function endPattern(rows: ShardRows, { number, collection, pattern }: ActivePattern): void {
  rows.removeNumbers([activePatternMember(collection, pattern)])
  rows.setNumbers(new Map([[endedPatternMember(collection, pattern), number]]))
}

function forgetPatterns(state: ShardState): void {
  const { rows } = state
  const kept = [...rows.numbersOfKind('p'), ...rows.numbersOfKind('q')]
  const excess = kept
    .sort(([, a], [, b]) => a - b)
    .slice(0, Math.max(0, kept.length - MAX_PATTERNS))
  if (excess.length === 0) return
  rows.removeNumbers(excess.map(([member]) => member))
  const forgotten = Math.max(...excess.map(([, number]) => number))
  state.update({ floor: Math.max(state.control.floor, forgotten) })
}

function matcher(collection: string, pattern: string): ActivePattern['matches'] {
  const matches = globOf(pattern)
  return (key) => {
    if (key.collection !== collection) return false
    const text = decodeKey(collection, key.id)
    // A key that nobody can ask for is not worth keeping.
    return text === undefined || matches(String(text))
  }
}

/** What a file holds may be no glob: then everything is taken for matched. */
function globOf(pattern: string): (text: string) => boolean {
  try {
    return compileGlob(pattern)
  } catch {
    return () => true
  }
}
