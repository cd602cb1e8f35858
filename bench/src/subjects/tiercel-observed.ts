/** Tiercel as it is observed by default, with listeners as a dashboard has them; and with all of it off. */

import { type Cache, type CacheEvent, type CacheOptions, createCache } from 'tiercel'
import type { CacheSubject, Items } from './cache-subject.ts'
import type { Item } from './item.ts'

const heardTypes = [
  'reads',
  'answers',
  'latency',
  'load',
  'stale',
  'write',
  'removal',
  'invalidation',
  'alert',
] as const satisfies readonly CacheEvent['type'][]

export async function openObserved(items: Items): Promise<CacheSubject> {
  const cache = createCache(optionsFor(items))
  let heard = 0
  for (const type of heardTypes) {
    cache.on(type, () => {
      heard += 1
    })
  }
  await fill(cache, items)
  return {
    name: 'tiercel',
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const found = await cache.getOrLoad(keys[i & mask] as string, missing)
        sum += found.id
      }
      return sum
    },
    close: async () => {
      const { total } = await cache.stats()
      await cache.close()
      if (total.hits === 0 || heard === 0) throw new Error('Nobody has heard of a read.')
    },
  }
}

export async function openUnobserved(items: Items): Promise<CacheSubject> {
  const cache = createCache({ ...optionsFor(items), metrics: 'off' })
  await fill(cache, items)
  return {
    name: 'tiercel, nothing observed',
    // A loop of its own, for the reason given in `cache-subject.ts`.
    read: async ({ keys, mask }, count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) {
        const found = await cache.getOrLoad(keys[i & mask] as string, missing)
        sum += found.id
      }
      return sum
    },
    close: () => cache.close().then(() => undefined),
  }
}

function optionsFor(items: Items): CacheOptions {
  return { name: 'bench', memory: { entries: items.size }, defaults: { ttl: '2h' } }
}

async function fill(cache: Cache, items: Items): Promise<void> {
  for (const [key, value] of items) await cache.set(key, value)
}

function missing(): Item {
  throw new Error('Every read is a hit.')
}
