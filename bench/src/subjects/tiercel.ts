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
  // Whatever fails on the way to the end, the folder goes.
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await temporaryFolder())
  const shared = options.tiers === 'memory' ? undefined : sqliteTier(join(folder.path, 'shared.db'))
  const cache = opened.use(createCache({ ...cacheOptions(items), ...(shared && { shared }) }))
  await cache.ready()
  let readsHeard = 0
  cache.on('reads', ({ hits, misses }) => {
    readsHeard += hits + misses
  })
  const source = itemLoader(items)
  // One loader for all keys, as users who look at the key in the context write it.
  const load = (context: { readonly key: string }) => source.load(context.key)
  for (const key of items.keys()) {
    const tags = options.tagsOf(key)
    await cache.getOrLoad(key, load, { tags })
  }
  source.end()
  const kept = opened.move()
  return {
    name: 'tiercel',
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const key = keys[i & mask] as string
        const found = await cache.getOrLoad(key, load)
        sum += found.id
      }
      return sum
    },
    close: async () => {
      await kept.disposeAsync()
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
