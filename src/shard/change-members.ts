/**
 * The members of a shard's change numbers, as text: `<kind>:<what>`.
 *
 * The kinds are `b` bucket, `t` tag, `x` expired tag, `c` collection, `a` entries that carry all of
 * some tags, `p` pattern whose removal goes on, and `q` pattern whose removal has ended.
 */

import type { FollowAnswer } from '../contracts/shared-tier.ts'

/** Something that changed, without its number. */
type Changed = FollowAnswer['changes'][number] extends infer Numbered
  ? Numbered extends unknown
    ? Omit<Numbered, 'number'>
    : never
  : never

export const bucketMember = (bucket: number): string => `b:${bucket}`
export const tagMember = (tag: string): string => `t:${tag}`
export const expiredTagMember = (tag: string): string => `x:${tag}`
export const collectionMember = (collection: string): string => `c:${collection}`
/** The same for each order of the tags, which must be sorted. */
export const allTagsMember = (tags: readonly string[]): string => `a:${JSON.stringify(tags)}`
export const activePatternMember = (collection: string, pattern: string): string =>
  `p:${JSON.stringify([collection, pattern])}`
export const endedPatternMember = (collection: string, pattern: string): string =>
  `q:${JSON.stringify([collection, pattern])}`

/** The tags of an `a` member. */
export function tagsOfMember(member: string): readonly string[] {
  return textsOf(member)
}

/** The collection and the glob of a `p` or `q` member. */
export function patternOfMember(member: string): {
  readonly collection: string
  readonly pattern: string
} {
  const [collection = '', pattern = ''] = textsOf(member)
  return { collection, pattern }
}

/** `undefined`: no release that this one knows has written it. */
export function changeOfMember(member: string): Changed | undefined {
  const what = member.slice(2)
  switch (member[0]) {
    case 'b':
      return { kind: 'bucket', bucket: Number(what) }
    case 't':
      return { kind: 'tag', tag: what, mode: 'delete' }
    case 'x':
      return { kind: 'tag', tag: what, mode: 'expire' }
    case 'c':
      return { kind: 'collection', collection: what }
    case 'a':
      return { kind: 'all-tags', tags: textsOf(member) }
    case 'p':
      return { kind: 'pattern', ...patternOfMember(member), active: true }
    case 'q':
      return { kind: 'pattern', ...patternOfMember(member), active: false }
    default:
      return undefined
  }
}

/** Rows of a file may hold anything: what is no list of texts is an empty one. */
function textsOf(member: string): readonly string[] {
  try {
    const texts: unknown = JSON.parse(member.slice(2))
    return Array.isArray(texts) && texts.every((text) => typeof text === 'string') ? texts : []
  } catch {
    return []
  }
}
