/**
 * The change numbers of one cache's buckets, side by side in a few rows. Part of `BucketRows`.
 *
 * The highest number of a part tells whether it is to be looked at.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isNumber } from './entry-of-columns.ts'
import { prepareAll } from './prepare-all.ts'

/** Three of them fit into a page. */
const BUCKETS_IN_PART = 128

const STATEMENTS = {
  find: 'SELECT numbers FROM bucket_parts WHERE cache = ? AND part = ?',
  above: `SELECT part, numbers FROM bucket_parts
    WHERE cache = ? AND (highest > ? OR typeof(highest) <> 'real')`,
  set: `INSERT INTO bucket_parts (cache, part, highest, numbers) VALUES (?, ?, ?, ?)
    ON CONFLICT (cache, part) DO UPDATE SET highest = excluded.highest, numbers = excluded.numbers`,
  clear: 'DELETE FROM bucket_parts WHERE cache = ?',
  highest: `SELECT max(highest) AS highest FROM bucket_parts
    WHERE cache = ? AND typeof(highest) = 'real'`,
} as const

export class BucketParts {
  readonly #cache: number
  readonly #statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#statements = prepareAll(db, STATEMENTS)
  }

  /** By bucket. `Infinity`: it may have been any. */
  above(number: number): Map<number, number> {
    const found = new Map<number, number>()
    for (const { part, numbers } of this.#statements.above.all(this.#cache, number)) {
      if (!isNumber(part)) continue
      for (const [place, one] of numbersIn(numbers).entries()) {
        if (one > number) found.set(part * BUCKETS_IN_PART + place, one)
      }
    }
    return found
  }

  /** By bucket. One that has a higher number keeps it. */
  raise(numbers: ReadonlyMap<number, number>): void {
    const parts = new Map<number, Map<number, number>>()
    for (const [bucket, number] of numbers) {
      const part = Math.floor(bucket / BUCKETS_IN_PART)
      const places = parts.get(part) ?? new Map<number, number>()
      parts.set(part, places.set(bucket % BUCKETS_IN_PART, number))
    }
    for (const [part, places] of parts) this.#raisePart(part, places)
  }

  clear(): void {
    this.#statements.clear.run(this.#cache)
  }

  get highest(): number {
    const { highest } = this.#statements.highest.get(this.#cache) ?? {}
    return isNumber(highest) && Number.isFinite(highest) ? highest : 0
  }

  #raisePart(part: number, places: ReadonlyMap<number, number>): void {
    const { find, set } = this.#statements
    const stored = find.get(this.#cache, part)
    const numbers =
      stored === undefined ? new Float64Array(BUCKETS_IN_PART) : numbersIn(stored['numbers'])
    let highest = 0
    for (const [place, number] of places) {
      highest = Math.max(highest, number)
      numbers[place] = Math.max(numbers[place] ?? 0, number)
    }
    for (const [place, number] of numbers.entries()) {
      // One that was broken may have been any, and is known to have changed from now on.
      if (number === Number.POSITIVE_INFINITY) numbers[place] = highest
      else if (number > highest) highest = number
    }
    set.run(this.#cache, part, highest, new Uint8Array(numbers.buffer))
  }
}

/**
 * In the order of bytes of this machine, which a file does not leave: a copy elsewhere draws new numbers.
 * What makes no sense may have been any number, so nothing older than the next removal may be served.
 */
function numbersIn(stored: unknown): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(BUCKETS_IN_PART)
  if (!(stored instanceof Uint8Array) || stored.byteLength !== numbers.byteLength) {
    return numbers.fill(Number.POSITIVE_INFINITY)
  }
  new Uint8Array(numbers.buffer).set(stored)
  for (let place = 0; place < BUCKETS_IN_PART; place += 1) {
    if (!isNumber(numbers[place])) numbers[place] = Number.POSITIVE_INFINITY
  }
  return numbers
}
