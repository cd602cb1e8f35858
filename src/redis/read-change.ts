/**
 * One member of a shard's change numbers as a change: `b:` bucket, `t:` tag, `x:` expired tag, `a:`
 * set of tags, `c:` collection, `P:` pattern that is being swept, `p:` pattern that was.
 */

import type { FollowAnswer } from '../contracts/shared-tier.ts'

type Followed = FollowAnswer['changes'][number]
type Change = Followed extends infer One
  ? One extends Followed
    ? Omit<One, 'number'>
    : never
  : never

/** `undefined`: the mark of the epoch, or nothing that this release writes. */
export function readChange(member: Uint8Array, number: number): Followed | undefined {
  const bytes = Buffer.from(member.buffer, member.byteOffset, member.byteLength)
  const change = changeOf(bytes.toString('latin1', 0, 2), bytes.subarray(2))
  return change === undefined ? undefined : ({ ...change, number } as Followed)
}

function changeOf(kind: string, rest: Buffer): Change | undefined {
  const text = rest.toString('utf8')
  switch (kind) {
    case 'b:':
      return { kind: 'bucket', bucket: Number(text) }
    case 't:':
      return { kind: 'tag', tag: text, mode: 'delete' }
    case 'x:':
      return { kind: 'tag', tag: text, mode: 'expire' }
    case 'a:':
      return { kind: 'all-tags', tags: readTags(rest) }
    case 'c:':
      return { kind: 'collection', collection: text }
    case 'P:':
    case 'p:': {
      const colon = text.indexOf(':')
      return {
        kind: 'pattern',
        collection: text.slice(0, colon),
        pattern: text.slice(colon + 1),
        active: kind === 'P:',
      }
    }
    default:
      return undefined
  }
}

/** As `packTags` writes them; what is cut off is left out. */
function readTags(bytes: Buffer): readonly string[] {
  const tags: string[] = []
  let at = 2
  while (at + 2 <= bytes.length) {
    const end = at + 2 + bytes.readUInt16LE(at)
    tags.push(bytes.toString('utf8', at + 2, end))
    at = end
  }
  return tags
}
