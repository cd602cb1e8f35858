/** The limit of an in-process tier: a bare `Map`, whose oldest key makes room. */

import type { Items } from './cache-subject.ts'
import { item } from './item.ts'
import type { L1Subject } from './l1-subject.ts'

export function openMapL1(items: Items): L1Subject {
  const map = new Map(items)
  const replacement = item(0)
  // One iterator for ever: a new one would step over all that was deleted, and that grows.
  const oldest = map.keys()
  return {
    name: 'Map',
    hits: ({ keys, mask }, count) => {
      let found = 0
      for (let i = 0; i < count; i += 1) {
        if (map.get(keys[i & mask] as string) !== undefined) found += 1
      }
      return found
    },
    overwrite: ({ keys, mask }, count) => {
      for (let i = 0; i < count; i += 1) map.set(keys[i & mask] as string, replacement)
      return map.size
    },
    insert: (keys, count) => {
      for (let i = 0; i < count; i += 1) {
        map.delete(oldest.next().value as string)
        map.set(keys[i] as string, replacement)
      }
      return map.size
    },
    close: () => map.clear(),
  }
}
