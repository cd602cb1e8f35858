/** The in-process store of cacheable, bounded and without clones, which is the fastest it can be. */

import { CacheableMemory } from 'cacheable'
import type { Items } from './cache-subject.ts'
import { item } from './item.ts'
import type { L1Subject } from './l1-subject.ts'

export function openCacheableMemoryL1(items: Items): L1Subject {
  const cache = new CacheableMemory({ lruSize: items.size, useClone: false, ttl: '1h' })
  const replacement = item(0)
  for (const [key, value] of items) cache.set(key, value)
  return {
    name: 'cacheable memory',
    hits: ({ keys, mask }, count) => {
      let found = 0
      for (let i = 0; i < count; i += 1) {
        if (cache.get(keys[i & mask] as string) !== undefined) found += 1
      }
      return found
    },
    overwrite: ({ keys, mask }, count) => {
      for (let i = 0; i < count; i += 1) cache.set(keys[i & mask] as string, replacement)
      return cache.size
    },
    insert: (keys, count) => {
      for (let i = 0; i < count; i += 1) cache.set(keys[i] as string, replacement)
      return cache.size
    },
    close: () => cache.clear(),
  }
}
