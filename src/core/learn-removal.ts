/**
 * A removal that the tier has carried out for this process, heard of before its hint comes: the plain
 * read of the tier may still answer what was removed.
 *
 * For removals that were told at once (`removals.ts`), and for those that the outbox told later.
 */

import type { Coherence } from '../contracts/coherence.ts'
import type { Invalidation, ShardMoment } from '../contracts/shared-tier.ts'

export function learnRemoval(
  coherence: Coherence,
  what: Invalidation,
  moments: readonly ShardMoment[],
): void {
  const changes = changesOf(what)
  for (const moment of moments) {
    coherence.learn(moment, changes)
    // What stands there is unservable already; its room is given back slice by slice.
    if (what.kind === 'pattern') coherence.sweep(moment.shard, moment.sequence)
  }
}

/** Of keys there is nothing to learn: what stood there is gone. */
function changesOf(what: Invalidation): Parameters<Coherence['learn']>[1] {
  switch (what.kind) {
    case 'keys':
      return []
    case 'tags': {
      const { tags, match, mode } = what
      if (match === 'all' && tags.length > 1) return [{ kind: 'all-tags', tags }]
      return tags.map((tag) => ({ kind: 'tag', tag, mode }))
    }
    case 'pattern':
      return [{ ...what, active: true }]
    case 'collection':
      return [what]
    case 'clear':
      return [{ kind: 'floor' }]
    default:
      return what satisfies never
  }
}
