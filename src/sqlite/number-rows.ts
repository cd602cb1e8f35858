/** The numbers of tags and collections of one cache. Part of `SqliteRows`. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isNumber } from './entry-of-columns.ts'
import { originalText, storedTexts } from './stored-text.ts'

/** Tags are counted again after this many were removed, not each time: counting reads them all. */
const COUNT_EVERY = 100

export class NumberRows {
  readonly #cache: number
  readonly #find: StatementSync
  readonly #set: StatementSync
  readonly #count: StatementSync
  readonly #forget: StatementSync
  #uncounted = COUNT_EVERY

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#find = db.prepare(
      `SELECT member, number FROM json_each(?) AS asked
        CROSS JOIN numbers ON numbers.cache = ? AND numbers.member = asked.value`,
    )
    this.#set = db.prepare(
      'INSERT OR REPLACE INTO numbers SELECT ?, value, ? FROM json_each(?) WHERE true',
    )
    this.#count = db.prepare(
      "SELECT count(*) AS tags FROM numbers WHERE cache = ? AND member >= 't:' AND member < 't;'",
    )
    this.#forget = db.prepare(
      `DELETE FROM numbers WHERE cache = ? AND member IN (
          SELECT member FROM numbers WHERE cache = ? AND member >= 't:' AND member < 't;'
          ORDER BY number LIMIT ?)
        RETURNING number`,
    )
  }

  find(members: readonly string[]): ReadonlyMap<string, number> {
    const numbers = new Map<string, number>()
    if (members.length === 0) return numbers
    for (const { member, number } of this.#find.all(storedTexts(members), this.#cache)) {
      const name = originalText(member)
      // A broken number may have been any, so nothing older than the next removal may be served.
      if (name !== undefined) numbers.set(name, isNumber(number) ? number : Infinity)
    }
    return numbers
  }

  set(members: readonly string[], number: number): void {
    this.#set.run(this.#cache, number, storedTexts(members))
    this.#uncounted += members.length
  }

  /** The highest number forgotten, or 0. Keeps up to `COUNT_EVERY` tags more, or fewer, than `keep`. */
  forgetTags(keep: number): number {
    if (this.#uncounted < COUNT_EVERY) return 0
    this.#uncounted = 0
    const { tags } = this.#count.get(this.#cache) ?? {}
    const excess = Number(tags) - keep
    if (excess <= 0) return 0
    const forgotten = this.#forget.all(this.#cache, this.#cache, excess).map((row) => row['number'])
    return Math.max(0, ...forgotten.filter(isNumber).filter(Number.isFinite))
  }
}
