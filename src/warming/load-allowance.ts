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

  /** Hands on as many of the batch as may still be loaded; what was fresh is given back. */
  async take(
    batch: readonly CacheKey[],
    work: (keys: readonly CacheKey[]) => Promise<WarmTally>,
  ): Promise<WarmTally> {
    const keys = batch.slice(0, this.#left)
    if (keys.length === 0) return NOTHING
    this.#left -= keys.length
    this.#underWay += 1
    try {
      const tally = await work(keys)
      this.#left += tally.fresh
      return tally
    } finally {
      this.#underWay -= 1
    }
  }
}
