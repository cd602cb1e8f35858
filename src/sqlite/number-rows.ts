/**
 * The change numbers of one cache, but for those of buckets. Part of `SqliteRows`.
 *
 * A member is stored as its kind and what follows the colon, so that kinds are found apart whatever
 * characters the rest has.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { MemberNumber } from '../shard/index.ts'
import { isNumber } from './entry-of-columns.ts'
import { prepareAll } from './prepare-all.ts'
import { originalText, storedText } from './stored-text.ts'

/** Tags are counted again after this many were removed, not each time: counting reads them all. */
const COUNT_EVERY = 100
/** More than there can be; SQLite takes no larger limit. */
const MOST_ROWS = 2 ** 31

/** The parts of a member, from the text of `asked.value` that `storedMember` has made. */
const KIND = 'substr(asked.value, 1, 1)'
const REST = 'substr(asked.value, 3)'

const STATEMENTS = {
  find: `SELECT kind, member, number FROM json_each(?) AS asked
    CROSS JOIN member_numbers AS n ON n.cache = ? AND n.kind = ${KIND} AND n.member = ${REST}`,
  ofKind: 'SELECT kind, member, number FROM member_numbers WHERE cache = ? AND kind = ?',
  above: `SELECT kind, member, number FROM member_numbers WHERE cache = ? AND number > ?
    ORDER BY number LIMIT ?`,
  set: `INSERT OR REPLACE INTO member_numbers
    SELECT ?, substr(value ->> 0, 1, 1), substr(value ->> 0, 3), value ->> 1
    FROM json_each(?) WHERE true`,
  remove: `DELETE FROM member_numbers WHERE cache = ? AND (kind, member) IN (
    SELECT ${KIND}, ${REST} FROM json_each(?) AS asked)`,
  count: "SELECT count(*) AS tags FROM member_numbers WHERE cache = ? AND kind IN ('t', 'x')",
  forget: `DELETE FROM member_numbers WHERE cache = ? AND (kind, member) IN (
      SELECT kind, member FROM member_numbers WHERE cache = ? AND kind IN ('t', 'x')
      ORDER BY number LIMIT ?)
    RETURNING number`,
  clear: 'DELETE FROM member_numbers WHERE cache = ?',
  highest: `SELECT max(number) AS number FROM member_numbers
    WHERE cache = ? AND typeof(number) = 'real'`,
} as const

export class NumberRows {
  readonly #cache: number
  readonly #statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>
  #uncounted = COUNT_EVERY

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#statements = prepareAll(db, STATEMENTS)
  }

  find(members: readonly string[]): ReadonlyMap<string, number> {
    if (members.length === 0) return new Map()
    return byMember(this.#statements.find.all(storedMembers(members), this.#cache))
  }

  ofKind(kind: string): ReadonlyMap<string, number> {
    return byMember(this.#statements.ofKind.all(this.#cache, kind))
  }

  above(number: number, limit: number): readonly MemberNumber[] {
    const most = Math.min(limit, MOST_ROWS)
    const found = byMember(this.#statements.above.all(this.#cache, number, most))
    return [...found].map(([member, one]) => ({ member, number: one }))
  }

  set(numbers: ReadonlyMap<string, number>): void {
    const pairs = [...numbers].map(([member, number]) => [storedMember(member), number])
    this.#statements.set.run(this.#cache, JSON.stringify(pairs))
    this.#uncounted += numbers.size
  }

  remove(members: readonly string[]): void {
    if (members.length > 0) this.#statements.remove.run(this.#cache, storedMembers(members))
  }

  /** The highest number forgotten, or 0. Keeps up to `COUNT_EVERY` tags more, or fewer, than `keep`. */
  forgetTags(keep: number): number {
    if (this.#uncounted < COUNT_EVERY) return 0
    this.#uncounted = 0
    const { tags } = this.#statements.count.get(this.#cache) ?? {}
    const excess = Number(tags) - keep
    if (excess <= 0) return 0
    const rows = this.#statements.forget.all(this.#cache, this.#cache, excess)
    const forgotten = rows.map((row) => row['number'])
    return Math.max(0, ...forgotten.filter(isNumber).filter(Number.isFinite))
  }

  clear(): void {
    this.#statements.clear.run(this.#cache)
  }

  get highest(): number {
    const { number } = this.#statements.highest.get(this.#cache) ?? {}
    return isNumber(number) ? number : 0
  }
}

/** In the order of the rows. */
function byMember(rows: readonly Record<string, unknown>[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  for (const { kind, member, number } of rows) {
    const rest = originalText(member)
    if (typeof kind !== 'string' || rest === undefined) continue
    // A broken number may have been any, so nothing older than the next removal may be served.
    numbers.set(`${kind}:${rest}`, isNumber(number) ? number : Number.POSITIVE_INFINITY)
  }
  return numbers
}

const storedMember = (member: string): string => `${member[0]}:${storedText(member.slice(2))}`

const storedMembers = (members: readonly string[]): string =>
  JSON.stringify(members.map(storedMember))
