/**
 * The change numbers of buckets of one cache. Part of `SqliteRows`.
 *
 * Every write changes the number of a bucket, and a tick's writes those of a hundred all over them. As rows
 * of their own, with an index by number, they were a quarter of all pages that a commit has to bring to the
 * disk. So they stand side by side in a few parts, whose highest number tells whether one is to be looked at.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { MemberNumber } from '../shard/index.ts'
import { isNumber } from './entry-of-columns.ts'
import { prepareAll } from './prepare-all.ts'

/** Three of them fit into a page. */
const BUCKETS_IN_PART = 128

const STATEMENTS = {
  find: 'SELECT numbers FROM buckets WHERE cache = ? AND part = ?',
  above: `SELECT part, numbers FROM buckets
    WHERE cache = ? AND (highest > ? OR typeof(highest) <> 'real')`,
  set: `INSERT INTO buckets (cache, part, highest, numbers) VALUES (?, ?, ?, ?)
    ON CONFLICT (cache, part) DO UPDATE SET highest = excluded.highest, numbers = excluded.numbers`,
  clear: 'DELETE FROM buckets WHERE cache = ?',
  highest: `SELECT max(highest) AS highest FROM buckets
    WHERE cache = ? AND typeof(highest) = 'real'`,
} as const

export class BucketRows {
  readonly #cache: number
  readonly #statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#statements = prepareAll(db, STATEMENTS)
  }

  /** In no order. */
  above(number: number): readonly MemberNumber[] {
    const found: MemberNumber[] = []
    for (const { part, numbers } of this.#statements.above.all(this.#cache, number)) {
      if (!isNumber(part)) continue
      for (const [place, one] of numbersIn(numbers).entries()) {
        if (one > number) found.push({ member: memberOf(part, place), number: one })
      }
    }
    return found
  }

  /** By member. */
  set(numbers: ReadonlyMap<string, number>): void {
    const parts = new Map<number, Map<number, number>>()
    for (const [member, number] of numbers) {
      const bucket = Number(member.slice(KIND.length))
      const part = Math.floor(bucket / BUCKETS_IN_PART)
      const places = parts.get(part) ?? new Map<number, number>()
      parts.set(part, places.set(bucket % BUCKETS_IN_PART, number))
    }
    for (const [part, places] of parts) this.#setPart(part, places)
  }

  clear(): void {
    this.#statements.clear.run(this.#cache)
  }

  get highest(): number {
    const { highest } = this.#statements.highest.get(this.#cache) ?? {}
    return isNumber(highest) && Number.isFinite(highest) ? highest : 0
  }

  #setPart(part: number, places: ReadonlyMap<number, number>): void {
    const { find, set } = this.#statements
    const stored = find.get(this.#cache, part)
    const numbers =
      stored === undefined ? new Float64Array(BUCKETS_IN_PART) : numbersIn(stored['numbers'])
    let highest = 0
    for (const number of places.values()) highest = Math.max(highest, number)
    for (const [place, number] of places) numbers[place] = number
    for (const [place, number] of numbers.entries()) {
      // One that was broken may have been any, and is known to have changed from now on.
      if (number === Number.POSITIVE_INFINITY) numbers[place] = highest
      else if (number > highest) highest = number
    }
    set.run(this.#cache, part, highest, new Uint8Array(numbers.buffer))
  }
}

const KIND = 'b:'

export function isBucket(member: string): boolean {
  return member.startsWith(KIND)
}

function memberOf(part: number, place: number): string {
  return `${KIND}${part * BUCKETS_IN_PART + place}`
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
