/** The intents of one cache, several a key. Part of `SqliteRows`. A broken one is none. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ShardIntent } from '../shard/index.ts'
import { isNumber, storedTags, tagsOf } from './entry-of-columns.ts'
import { originalText, storedText, storedTexts } from './stored-text.ts'

export class IntentRows {
  readonly #cache: number
  readonly #find: StatementSync
  readonly #put: StatementSync
  readonly #remove: StatementSync
  readonly #overdue: StatementSync
  readonly #dropBroken: StatementSync

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#find = db.prepare(
      `SELECT intents.id, token, deadline, tags, epoch, number FROM json_each(?) AS asked
        CROSS JOIN intents ON intents.cache = ? AND intents.id = asked.value`,
    )
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO intents (cache, id, token, deadline, tags, epoch, number)
        VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#remove = db.prepare('DELETE FROM intents WHERE cache = ? AND id = ? AND token = ?')
    this.#overdue = db.prepare(
      'SELECT DISTINCT id FROM intents WHERE cache = ? AND deadline <= ? LIMIT ?',
    )
    this.#dropBroken = db.prepare(
      `DELETE FROM intents WHERE cache = ? AND (deadline < 0 OR typeof(deadline) <> 'real'
        OR typeof(id) <> 'text' OR typeof(token) <> 'text')`,
    )
  }

  find(ids: readonly string[]): ReadonlyMap<string, readonly ShardIntent[]> {
    const intents = new Map<string, ShardIntent[]>()
    if (ids.length === 0) return intents
    for (const row of this.#find.all(storedTexts(ids), this.#cache)) {
      const { deadline, epoch, number } = row
      const id = originalText(row['id'])
      const token = originalText(row['token'])
      if (id === undefined || token === undefined || !isNumber(deadline)) continue
      // What its writer would have removed cannot be told any more; the entry is gone at least. Of a
      // begin that cannot be told the end leaves no value.
      const begun = typeof epoch === 'string' && isNumber(number) ? { epoch, number } : UNKNOWN
      const intent = { token, deadline, tags: tagsOf(row['tags']) ?? [], ...begun }
      const others = intents.get(id)
      if (others === undefined) intents.set(id, [intent])
      else others.push(intent)
    }
    return intents
  }

  put(id: string, { token, deadline, tags, epoch, number }: ShardIntent): void {
    const [key, stored] = [storedText(id), storedTags(tags)]
    this.#put.run(this.#cache, key, storedText(token), deadline, stored, epoch, number)
  }

  remove(id: string, token: string): void {
    this.#remove.run(this.#cache, storedText(id), storedText(token))
  }

  /** Without this they would be among the overdue for ever, since nothing can end them. */
  dropBroken(): void {
    this.#dropBroken.run(this.#cache)
  }

  overdue(tick: number, limit: number): readonly string[] {
    const rows = this.#overdue.all(this.#cache, tick, limit)
    return rows.map((row) => originalText(row['id'])).filter((id) => id !== undefined)
  }
}

const UNKNOWN = { epoch: '', number: 0 } as const
