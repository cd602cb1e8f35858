/**
 * Keys whose load has just failed, and that are served from grace until it is tried again.
 *
 * Without a rest, each read of a graced entry would knock at a source that is down already, and wait
 * for it.
 */

import type { CacheKey } from '../contracts/source.ts'

/** How long a failed load is not tried again while its entry is in grace; a random part is added. */
const REST_MS = 10_000
const REST_JITTER_MS = 2_000
/** Keys remembered at most; the one that has rested longest is forgotten and simply tried again. */
const MAX_KEYS = 10_000

export class Resting {
  readonly #until = new Map<CacheKey, number>()

  /** `chance`: from 0 to 1, so that keys that failed together are not tried again together. */
  begin(key: CacheKey, now: number, chance: number): void {
    this.hold(key, now + REST_MS + REST_JITTER_MS * chance)
  }

  /** On the monotonic clock. */
  hold(key: CacheKey, until: number): void {
    this.#until.delete(key)
    this.#until.set(key, until)
    for (const longest of this.#until.keys()) {
      if (this.#until.size <= MAX_KEYS) break
      this.#until.delete(longest)
    }
  }

  rests(key: CacheKey, now: number): boolean {
    const until = this.#until.get(key)
    if (until === undefined) return false
    if (now < until) return true
    this.#until.delete(key)
    return false
  }

  end(key: CacheKey): void {
    this.#until.delete(key)
  }
}
