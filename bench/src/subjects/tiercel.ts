/**
 * Tiercel with everything on: a life, a listener to its reads, and the tiers and tags asked for.
 * What is promised about a hit is promised of this.
 */

import { join } from 'node:path'
import { type CacheOptions, createCache } from 'tiercel'
import { sqliteTier } from 'tiercel/sqlite'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import type { CacheSubject, Items } from './cache-subject.ts'
import { itemLoader } from './item-loader.ts'

export interface TiercelOptions {
  readonly tiers: 'memory' | 'memory and sqlite'
  /** The tags of each entry, by key; empty where there are none. */
  readonly tagsOf: (key: string) => readonly string[]
}

export async function openTiercel(items: Items, options: TiercelOptions): Promise<CacheSubject> {
  const folder = await temporaryFolder()
  const shared = options.tiers === 'memory' ? undefined : sqliteTier(join(folder.path, 'shared.db'))
  const cache = createCache({ ...cacheOptions(items), ...(shared && { shared }) })
  await cache.ready()
  let readsHeard = 0
  cache.on('reads', ({ hits, misses }) => {
    readsHeard += hits + misses
  })
  const source = itemLoader(items)
  for (const key of items.keys()) {
    const tags = options.tagsOf(key)
    await cache.getOrLoad(key, () => source.load(key), { tags })
  }
  source.end()
  return {
    name: 'tiercel',
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const key = keys[i & mask] as string
        const found = await cache.getOrLoad(key, () => source.load(key))
        sum += found.id
      }
      return sum
    },
    close: async () => {
      await cache.close()
      await folder[Symbol.asyncDispose]()
      if (readsHeard === 0) throw new Error('The listener heard of no read.')
    },
  }
}

function cacheOptions(items: Items): CacheOptions {
  return {
    name: 'bench',
    memory: { entries: items.size },
    // Both lives outlast the run: an entry that expired would be a hit of the shared tier.
    defaults: { ttl: '2h', memoryTtl: '1h' },
  }
}
