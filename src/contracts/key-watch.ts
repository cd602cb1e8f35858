/**
 * What is learned of the keys of one collection, or of plain keys, where no event may name them. `core/`
 * tells of keys, `metrics/` learns; what leaves it is a pattern or a cause, and never a key.
 */

import type { CacheKey } from './source.ts'

/**
 * Why an entry was not there. `first`: it was never asked for before, as far as is remembered. `unkept`:
 * it was, and nothing was kept of it. `expired`: its life was over. `gone`: it should have lived on.
 */
export type MissCause = 'first' | 'unkept' | 'expired' | 'gone'

export interface KeyWatch {
  /** How events call it: a collection with a star, or of plain keys what they have in common. */
  patternOf(key: CacheKey): string
  /** A caller has found nothing. `undefined`: the key is not of those that are watched. */
  missed(key: CacheKey): MissCause | undefined
  /** An entry is there from now on, for so long. */
  filled(key: CacheKey, ttlMs: number): void
}

/** By the pattern of the collection. */
export type WatchKeys = (pattern: string) => KeyWatch
