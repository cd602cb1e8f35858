/** Tiercel's memory tier by itself, as the engine calls it. Its entries always have a life. */

import { createMemoryTier, type MemoryTierParts, SystemClock } from 'tiercel/memory'
import type { Items } from './cache-subject.ts'
import { item } from './item.ts'
import type { L1Subject } from './l1-subject.ts'

type MemorySpace = ReturnType<ReturnType<typeof createMemoryTier>['space']>
type MemoryEntry = Parameters<MemorySpace['store']>[1]

const lifeMs = 3_600_000
const noTags: readonly string[] = []

export function openTiercelL1(items: Items): L1Subject {
  const clock = new SystemClock()
  const tier = createMemoryTier({ bounds: boundsFor(items.size), clock, report: () => undefined })
  const space = tier.space('product')
  const replacement = item(0)
  for (const [key, value] of items) space.store(key, entryOf(value, clock.monotonic()))
  return {
    name: 'tiercel',
    hits: ({ keys, mask }, count) => {
      // Once for all: the others have no life to judge, or read the clock once in a millisecond.
      const now = clock.monotonic()
      let found = 0
      for (let i = 0; i < count; i += 1) {
        if (space.hit(keys[i & mask] as string, now) !== undefined) found += 1
      }
      return found
    },
    overwrite: ({ keys, mask }, count) => {
      const now = clock.monotonic()
      for (let i = 0; i < count; i += 1) {
        space.store(keys[i & mask] as string, entryOf(replacement, now))
      }
      return tier.entries
    },
    insert: (keys, count) => {
      const now = clock.monotonic()
      for (let i = 0; i < count; i += 1) {
        space.store(keys[i] as string, entryOf(replacement, now))
      }
      return tier.entries
    },
    close: () => tier.close(),
  }
}

function boundsFor(entries: number): MemoryTierParts['bounds'] {
  return {
    entries,
    bytes: Number.POSITIVE_INFINITY,
    weight: Number.POSITIVE_INFINITY,
    copy: 'share',
    expiryScanMs: lifeMs,
  }
}

/** An object for each store, as the engine makes one for each value that it keeps. */
function entryOf(value: unknown, now: number): MemoryEntry {
  return {
    value,
    absent: false,
    servedUntil: now + lifeMs,
    freshUntil: now + lifeMs,
    aheadFrom: Number.POSITIVE_INFINITY,
    graceUntil: now + lifeMs,
    createdAt: now,
    ttlMs: lifeMs,
    renewal: 'fixed',
    graceMs: 0,
    renewableUntil: Number.POSITIVE_INFINITY,
    stamp: 1,
    shared: undefined,
    tags: noTags,
    size: 1,
    priority: 'normal',
    loadMs: undefined,
  }
}
