/** Which keys are read most: counted on the hit path, asked by whoever keeps them warm. */

import type { CacheKey } from './source.ts'

/** Implemented in `warming/`; one for each collection whose reads are counted. */
export interface HotKeys<K extends CacheKey> {
  /** On the hit path: must cost next to nothing. */
  count(key: K): void
  /**
   * Hands on what is counted: keys, and how many reads each stands for, since not every read is looked
   * at. Replaces the listener before; must be as quick as counting.
   */
  listen(listener: (key: K, reads: number) => void): void
  /** In the last hour, about. Never too low by more than chance; too high for keys that are not hot. */
  reads(key: K): number
  /** The hottest, the hottest first. */
  top(limit: number): readonly { readonly key: K; readonly reads: number }[]
}
