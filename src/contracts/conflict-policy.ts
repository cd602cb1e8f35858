/** What becomes of a write behind the cache whose row somebody else has changed since it was read. */

import type { CacheKey } from './source.ts'

export type ConflictPolicy<K extends CacheKey, V> = 'reject' | 'overwrite' | ConflictMerge<K, V>

export interface ConflictMerge<K extends CacheKey, V> {
  /**
   * What is to stand in the source, from what was to be written and what stands there now, if anything
   * does. Written only if that has not changed again; else it is called again. `undefined`: what stands
   * there stays. What it throws makes a dead letter of the write.
   */
  merge(mine: V, theirs: V | undefined, key: K): V | undefined | Promise<V | undefined>
}
