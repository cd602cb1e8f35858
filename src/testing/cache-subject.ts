/** What the cases of `cacheSuite` are run on. */

import type { Cache, CacheOptions } from '../contracts/cache.ts'

export interface CacheSubject {
  /** A cache with the tiers under test; `jitter` is off unless the options say otherwise. */
  open(options?: Partial<CacheOptions>): Cache
  /** The wall clock of the caches and their tiers, epoch milliseconds. */
  now(): number
  /** Moves every clock that the cache and its tiers know. */
  advance(ms: number): Promise<void>
}
