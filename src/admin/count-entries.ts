/**
 * How many entries an invalidation would concern, by looking: invalidating itself does not count, which
 * is why it costs the same for one entry as for a million.
 */

import type { Cache } from '../contracts/cache.ts'
import type { CacheKey } from '../contracts/source.ts'
import { compileGlob } from '../keys/glob.ts'
import type { AnyCollection } from './find-collection.ts'

export interface EntryCount {
  readonly matched: number
  /** `false`: there was no time for all of them, and there may be more. */
  readonly complete: boolean
}

type Keys = Cache | AnyCollection

/** Entries are looked at so many at once: as one round trip, where the tier can. */
const BATCH = 100

/** Counts until it is late. */
export class EntryCounter {
  readonly #isLate: () => boolean
  #matched = 0

  constructor(isLate: () => boolean) {
    this.#isLate = isLate
  }

  async keys(keys: Keys, asked: readonly CacheKey[]): Promise<EntryCount> {
    for (let at = 0; at < asked.length; at += BATCH) {
      if (this.#isLate()) return this.#count(false)
      const looks = asked.slice(at, at + BATCH).map((key) => this.#has(keys, key))
      await Promise.all(looks)
    }
    return this.#count(true)
  }

  /** All keys come by here: a look at the clock for each that matches alone might never come. */
  async pattern(keys: Keys, pattern: string): Promise<EntryCount> {
    const matches = compileGlob(pattern)
    for await (const key of keys.keys()) {
      if (this.#isLate()) return this.#count(false)
      if (matches(String(key))) this.#matched += 1
    }
    return this.#count(true)
  }

  /** Each entry has to be looked at: a tag does not know its entries. */
  async tags(cache: Cache, tags: ReadonlySet<string>, match: 'any' | 'all'): Promise<EntryCount> {
    for (const keys of [...cache.collections.values(), cache]) {
      let batch: CacheKey[] = []
      for await (const key of keys.keys()) {
        batch.push(key)
        if (batch.length < BATCH) continue
        await this.#tagged(keys, batch, { tags, match })
        batch = []
        if (this.#isLate()) return this.#count(false)
      }
      await this.#tagged(keys, batch, { tags, match })
      if (this.#isLate()) return this.#count(false)
    }
    return this.#count(true)
  }

  async #has(keys: Keys, key: CacheKey): Promise<void> {
    if ((await (keys as AnyCollection).inspect(key)) !== undefined) this.#matched += 1
  }

  async #tagged(
    keys: Keys,
    batch: readonly CacheKey[],
    { tags, match }: { readonly tags: ReadonlySet<string>; readonly match: 'any' | 'all' },
  ): Promise<void> {
    const inspections = await Promise.all(batch.map((key) => (keys as AnyCollection).inspect(key)))
    for (const inspection of inspections) {
      if (inspection === undefined) continue
      const carried = inspection.tags.filter((tag) => tags.has(tag)).length
      if (match === 'all' ? carried === tags.size : carried > 0) this.#matched += 1
    }
  }

  #count(complete: boolean): EntryCount {
    return { matched: this.#matched, complete }
  }
}
