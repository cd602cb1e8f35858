/**
 * Which keys of one collection have changed lately, for reads that do not stand in `Reservations`: those
 * of the shared tier, of which there are too many a second to note each.
 */

import type { CacheKey } from '../contracts/source.ts'

/** Changes between the asking and the answer of one read; with more than this it keeps no copy. */
const KEPT = 256

export class RecentChanges {
  /** The last changes, the newest at `#count - 1`, round and round. `undefined`: of any key. */
  readonly #keys: (CacheKey | undefined)[] = []
  #count = 0

  /** What has changed until now lies below it. */
  get mark(): number {
    return this.#count
  }

  /** `undefined`: nobody knows which key, or all of them. */
  add(key: CacheKey | undefined): void {
    this.#keys[this.#count % KEPT] = key
    this.#count += 1
  }

  /** Whether the key may have changed since `mark` was taken. */
  touched(key: CacheKey, mark: number): boolean {
    const count = this.#count
    if (count - mark > KEPT) return true
    for (let at = mark; at < count; at += 1) {
      const changed = this.#keys[at % KEPT]
      if (changed === undefined || changed === key) return true
    }
    return false
  }
}
