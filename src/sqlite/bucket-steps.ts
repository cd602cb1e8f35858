/**
 * What the last steps of one cache have changed, a row each. Part of `BucketRows`.
 *
 * Rows lie in the order of their numbers, so that a step writes to the end of one page, and who follows
 * reads on from where it was.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { BUCKETS } from '../keys/key-place.ts'
import { isNumber } from './entry-of-columns.ts'
import { prepareAll } from './prepare-all.ts'

/** A number that is none, such as a text, sorts behind all others and is found by each comparison. */
const STATEMENTS = {
  add: `INSERT INTO bucket_steps (cache, highest, numbers) VALUES (?, ?, ?)
    ON CONFLICT (cache, highest) DO NOTHING`,
  above: 'SELECT highest, numbers FROM bucket_steps WHERE cache = ? AND highest > ?',
  all: 'SELECT highest, numbers FROM bucket_steps WHERE cache = ?',
  clear: 'DELETE FROM bucket_steps WHERE cache = ?',
  count: 'SELECT count(*) AS count FROM bucket_steps WHERE cache = ?',
  highest: `SELECT max(highest) AS highest FROM bucket_steps
    WHERE cache = ? AND typeof(highest) = 'real'`,
} as const

/** By bucket, or `'any'`: a row was broken, so whatever has been written since may have changed each of them. */
export type Changed = ReadonlyMap<number, number> | 'any'

export class BucketSteps {
  readonly #cache: number
  readonly #statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#statements = prepareAll(db, STATEMENTS)
  }

  get count(): number {
    return Number(this.#statements.count.get(this.#cache)?.['count'])
  }

  get highest(): number {
    const { highest } = this.#statements.highest.get(this.#cache) ?? {}
    return isNumber(highest) && Number.isFinite(highest) ? highest : 0
  }

  /** `false`: a row of this number is there, so nothing was kept. */
  add(numbers: ReadonlyMap<number, number>): boolean {
    const pairs = Float64Array.from([...numbers].flat())
    let highest = 0
    for (const number of numbers.values()) highest = Math.max(highest, number)
    const bytes = new Uint8Array(pairs.buffer)
    return Number(this.#statements.add.run(this.#cache, highest, bytes).changes) > 0
  }

  above(number: number): Changed {
    return changedBy(this.#statements.above.all(this.#cache, number), number)
  }

  all(): Changed {
    return changedBy(this.#statements.all.all(this.#cache), Number.NEGATIVE_INFINITY)
  }

  clear(): void {
    this.#statements.clear.run(this.#cache)
  }
}

function changedBy(rows: readonly Record<string, unknown>[], above: number): Changed {
  const changed = new Map<number, number>()
  for (const { highest, numbers } of rows) {
    if (!isNumber(highest) || !(numbers instanceof Uint8Array)) return 'any'
    if (numbers.byteLength % PAIR_BYTES !== 0) return 'any'
    // A copy: what SQLite hands out need not begin where numbers may.
    const pairs = new Float64Array(numbers.slice().buffer)
    let most = 0
    for (let at = 0; at < pairs.length; at += 2) {
      const [bucket, number] = [pairs[at], pairs[at + 1]]
      if (!isNumber(number) || !isNumber(bucket)) return 'any'
      if (!Number.isInteger(bucket) || bucket >= BUCKETS) return 'any'
      most = Math.max(most, number)
      if (number > Math.max(above, changed.get(bucket) ?? 0)) changed.set(bucket, number)
    }
    if (most !== highest) return 'any'
  }
  return changed
}

const PAIR_BYTES = 2 * Float64Array.BYTES_PER_ELEMENT
