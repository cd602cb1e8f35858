/** Everybody in the suite `fresh`, by the name that a question to another process bears. */

import { Redis } from 'ioredis'
import type { Role } from '../../measure/contestant.ts'
import { item } from '../item.ts'
import {
  openFreshBentocache,
  openFreshCacheManager,
  openFreshLayeredLoader,
} from './fresh-peers.ts'
import type { FreshOptions, FreshSubject } from './fresh-subject.ts'
import { openFreshTiercel } from './fresh-tiercel.ts'

export interface FreshEntrant {
  readonly role: Role
  /** For how long it reads before anything counts, where it has to learn which keys are read. */
  readonly learnMs?: number
  readonly open: (options: FreshOptions) => Promise<FreshSubject>
}

export const freshEntrants: Readonly<Record<string, FreshEntrant>> = {
  tiercel: {
    role: 'ours',
    // Each process learns from its own reads, of which the rarest key has three in a minute.
    learnMs: 60_000,
    open: (options) => openFreshTiercel(options, 'hot', { refreshAhead: 0.95, hot: '75ms' }),
  },
  'raw GET': { role: 'limit', open: openRawReads },
  'refresh-ahead alone (tiercel)': {
    role: 'peer',
    open: (options) => openFreshTiercel(options, 'ahead', { refreshAhead: 'on' }),
  },
  'cache-aside (tiercel without it)': {
    role: 'peer',
    open: (options) => openFreshTiercel(options, 'aside', {}),
  },
  'bentocache, grace': { role: 'peer', open: openFreshBentocache },
  'layered-loader, ttlLeftBeforeRefresh': { role: 'peer', open: openFreshLayeredLoader },
  'cache-manager, refreshThreshold': { role: 'peer', open: openFreshCacheManager },
}

/** What the shared tier costs a read that finds what it wants there. */
async function openRawReads({ port }: FreshOptions): Promise<FreshSubject> {
  const client = new Redis({ port })
  const text = JSON.stringify(item(1))
  const known = new Set<string>()
  return {
    get: async (key) => {
      if (!known.has(key)) {
        known.add(key)
        await client.set(`raw:${key}`, text)
      }
      return JSON.parse((await client.get(`raw:${key}`)) ?? '{}').id
    },
    close: async () => client.disconnect(),
  }
}
