/** How many keys one warming may load, out of a longer list whose fresh keys cost nothing. */

import type { CacheKey } from '../contracts/source.ts'
import type { WarmTally } from '../contracts/warm-target.ts'

const NOTHING: WarmTally = { loaded: 0, fresh: 0, absent: 0, failed: 0, error: undefined }

export class LoadAllowance {
  /** Not used, nor held by a batch that is under way. */
  #left: number
  #underWay = 0

  constructor(loads: number) {
    this.#left = loads
  }

  /** The keys, in order, until the loads are used. */
  *while(rows: Iterable<{ readonly key: CacheKey }>): Generator<CacheKey> {
    for (const { key } of rows) {
      // What is held may be given back, as long as anything is under way.
      if (this.#left <= 0 && this.#underWay === 0) return
      yield key
    }
  }

  /** Hands the batch on as far as its keys may still be loaded; what was fresh is given back. */
  async take(
    batch: readonly CacheKey[],
    work: (keys: readonly CacheKey[]) => Promise<WarmTally>,
  ): Promise<WarmTally> {
    let sum = NOTHING
    let at = 0
    this.#underWay += 1
    try {
      // In parts, near the end of the loads: keys that turn out to be fresh make room for the next.
      while (at < batch.length && this.#left > 0) {
        const keys = batch.slice(at, at + this.#left)
        at += keys.length
        this.#left -= keys.length
        const tally = await work(keys)
        this.#left += tally.fresh
        sum = added(sum, tally)
      }
    } finally {
      this.#underWay -= 1
    }
    return sum
  }
}

const added = (one: WarmTally, other: WarmTally): WarmTally => ({
  loaded: one.loaded + other.loaded,
  fresh: one.fresh + other.fresh,
  absent: one.absent + other.absent,
  failed: one.failed + other.failed,
  error: one.error ?? other.error,
})
