/** Removals of tags: one number for each tag or set of tags, whatever they are on. */

import type { RemovalMode } from '../contracts/shared-tier.ts'
import { allTagsMember, expiredTagMember, tagMember, tagsOfMember } from './change-members.ts'
import type { ShardState } from './shard-state.ts'

/** Tags whose number is kept one by one, removed and expired ones together. */
export const MAX_TAG_NUMBERS = 10_000
/** Sets of tags that are kept as such. */
export const MAX_TAG_SETS = 1_000

/** Notes that the tags were removed or expired under `number`, of which followers have been told. */
export function putTags(
  state: ShardState,
  tags: Iterable<string>,
  { mode, number }: { readonly mode: RemovalMode; readonly number: number },
): void {
  const memberOf = mode === 'delete' ? tagMember : expiredTagMember
  const numbers = new Map([...tags].map((tag) => [memberOf(tag), number]))
  if (numbers.size === 0) return
  state.rows.setNumbers(numbers)
  forgetTags(state)
}

/** Every entry that carries all of the tags is gone. */
export function removeAllTags(state: ShardState, tags: readonly string[]): void {
  const sorted = [...tags].sort()
  const number = state.raise({ kind: 'all-tags', tags: sorted })
  state.rows.setNumbers(new Map([[allTagsMember(sorted), number]]))
  const sets = [...state.rows.numbersOfKind('a')].sort(([, a], [, b]) => a - b)
  for (const [member, old] of sets.slice(0, Math.max(0, sets.length - MAX_TAG_SETS))) {
    state.rows.removeNumbers([member])
    widen(state, member, old)
  }
}

/**
 * A set that finds no room becomes a removal of its first tag, under its own number: whoever has
 * followed so far has heard of the set itself.
 */
function widen(state: ShardState, member: string, number: number): void {
  const [first] = tagsOfMember(member)
  if (first === undefined) return
  const tag = tagMember(first)
  const known = state.rows.numbersOf([tag]).get(tag) ?? 0
  if (known >= number) return
  state.rows.setNumbers(new Map([[tag, number]]))
  forgetTags(state)
}

function forgetTags(state: ShardState): void {
  const forgotten = state.rows.forgetTags(MAX_TAG_NUMBERS)
  if (forgotten > state.control.taggedFloor) state.update({ taggedFloor: forgotten })
}
