/** lru-cache, without a life for its entries and with one. */

import { LRUCache } from 'lru-cache'
import type { Items } from './cache-subject.ts'
import { type Item, item } from './item.ts'
import type { L1Subject } from './l1-subject.ts'

export function openLruCacheL1(items: Items, life: 'none' | 'ttl'): L1Subject {
  const cache = new LRUCache<string, Item>({
    max: items.size,
    ...(life === 'ttl' ? { ttl: 3_600_000 } : {}),
  })
  const replacement = item(0)
  for (const [key, value] of items) cache.set(key, value)
  return {
    name: life === 'ttl' ? 'lru-cache, ttl' : 'lru-cache',
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
