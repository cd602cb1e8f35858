/**
 * Removals in one shard, in a bounded number of writes, whatever they take with them.
 *
 * None of them removes an intent: only its writer knows when the source is at rest.
 */

import type { Invalidation } from '../contracts/shared-tier.ts'
import { collectionMember } from './change-members.ts'
import { endAwaited } from './end-leases.ts'
import { invalidateKeys } from './invalidate-keys.ts'
import { endOverdue } from './overdue-intents.ts'
import { removePattern } from './pattern-numbers.ts'
import type { ShardState } from './shard-state.ts'
import { putTags, removeAllTags } from './tag-numbers.ts'

type TagsInvalidation = Extract<Invalidation, { kind: 'tags' }>

/** Of `keys`, which had an entry that could have been served. */
export function invalidateShard(state: ShardState, what: Invalidation): readonly boolean[] {
  endOverdue(state)
  switch (what.kind) {
    case 'keys':
      return invalidateKeys(state, what)
    case 'tags':
      removeTags(state, what)
      break
    case 'pattern':
      removePattern(state, what.collection, what.pattern)
      break
    case 'collection':
      removeCollection(state, what.collection)
      break
    case 'clear':
      clear(state)
      break
    default:
      what satisfies never
  }
  return []
}

function removeTags(state: ShardState, what: TagsInvalidation): void {
  const tags = [...new Set(what.tags)]
  if (tags.length === 0) return
  if (what.match === 'all' && tags.length > 1) {
    removeAllTags(state, tags)
    return
  }
  const { mode } = what
  const number = state.raise(...tags.map((tag) => ({ kind: 'tag', tag, mode }) as const))
  putTags(state, tags, { mode, number })
}

function removeCollection(state: ShardState, collection: string): void {
  const number = state.raise({ kind: 'collection', collection })
  state.rows.setNumbers(new Map([[collectionMember(collection), number]]))
  endAwaited(state)
}

/** Everything older is gone, and no load that has begun may store. */
function clear(state: ShardState): void {
  const number = state.raise({ kind: 'floor' })
  state.update({ floor: number, leaseFloor: number })
  endAwaited(state)
}
