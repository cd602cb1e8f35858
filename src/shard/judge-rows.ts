/** What makes an entry servable: floors, and the numbers of its collection, tags and patterns. */

import { collectionMember, expiredTagMember, tagMember, tagsOfMember } from './change-members.ts'
import { type ActivePattern, activePatterns } from './pattern-numbers.ts'
import type { ShardRow } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/** `expired`: one of its tags was expired, so that only its grace is left. */
export type RowVerdict = 'stands' | 'expired' | 'gone'

type JudgedRow = Pick<
  ShardRow,
  'id' | 'epoch' | 'stamp' | 'collection' | 'tags' | 'freshUntil' | 'graceUntil'
>

interface Numbers {
  readonly members: ReadonlyMap<string, number>
  /** Entries that carry all of the tags are gone if they are older. */
  readonly sets: readonly { readonly tags: readonly string[]; readonly number: number }[]
  readonly patterns: readonly ActivePattern[]
}

/** Judges rows by the numbers as they stand now. Made for `rows`, whose numbers it looks up. */
export function judgeRows(
  state: ShardState,
  rows: Iterable<JudgedRow>,
): (row: JudgedRow) => RowVerdict {
  const members = new Set<string>()
  let several = false
  for (const { collection, tags } of rows) {
    members.add(collectionMember(collection))
    for (const tag of tags) members.add(tagMember(tag)).add(expiredTagMember(tag))
    several ||= tags.length > 1
  }
  if (members.size === 0) return () => 'gone'
  const numbers: Numbers = {
    members: state.rows.numbersOf([...members]),
    sets: several ? allTagSets(state) : [],
    patterns: activePatterns(state.rows),
  }
  return (row) => judge(state, numbers, row)
}

function allTagSets(state: ShardState): Numbers['sets'] {
  const sets = [...state.rows.numbersOfKind('a')]
  return sets.map(([member, number]) => ({ tags: tagsOfMember(member), number }))
}

function judge(
  state: ShardState,
  { members, sets, patterns }: Numbers,
  row: JudgedRow,
): RowVerdict {
  const { epoch, sequence, floor, taggedFloor } = state.control
  const { stamp, tags } = row
  const older = (member: string): boolean => stamp < (members.get(member) ?? 0)
  const stands =
    row.epoch === epoch &&
    state.now < row.graceUntil &&
    stamp >= floor &&
    // A number that was never given out: somebody else wrote it, and no removal would reach it.
    stamp <= sequence &&
    (tags.length === 0 || stamp >= taggedFloor) &&
    !older(collectionMember(row.collection)) &&
    !tags.some((tag) => older(tagMember(tag))) &&
    !sets.some((set) => stamp < set.number && set.tags.every((tag) => tags.includes(tag))) &&
    !patterns.some(({ number, matches }) => stamp < number && matches(row))
  if (!stands) return 'gone'
  if (!tags.some((tag) => older(expiredTagMember(tag)))) return 'stands'
  // Without an end there is no distance between the two; readers know the grace that was granted.
  const graced = row.graceUntil > row.freshUntil || row.freshUntil === Number.POSITIVE_INFINITY
  return graced ? 'expired' : 'gone'
}
