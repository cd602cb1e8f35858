/** The leases of one cache, at most one a key. Part of `SqliteRows`. A broken one is none. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ShardLease } from '../shard/index.ts'
import { isNumber } from './entry-of-columns.ts'
import { originalText, storedText, storedTexts } from './stored-text.ts'

export class LeaseRows {
  readonly #cache: number
  readonly #find: StatementSync
  readonly #put: StatementSync
  readonly #remove: StatementSync
  readonly #sweep: StatementSync

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#find = db.prepare(
      `SELECT leases.id, token, granted, expires_at FROM json_each(?) AS asked
        CROSS JOIN leases ON leases.cache = ? AND leases.id = asked.value`,
    )
    this.#put = db.prepare('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?)')
    this.#remove = db.prepare(
      'DELETE FROM leases WHERE cache = ? AND id IN (SELECT value FROM json_each(?))',
    )
    this.#sweep = db.prepare(
      `DELETE FROM leases WHERE cache = ? AND id IN (
        SELECT id FROM leases
        WHERE cache = ? AND (expires_at <= ? OR typeof(expires_at) <> 'real') LIMIT ?)`,
    )
  }

  find(ids: readonly string[]): ReadonlyMap<string, ShardLease> {
    const leases = new Map<string, ShardLease>()
    if (ids.length === 0) return leases
    for (const row of this.#find.all(storedTexts(ids), this.#cache)) {
      const { token: stored, granted, expires_at } = row
      const id = originalText(row['id'])
      const token = originalText(stored)
      if (id === undefined || token === undefined) continue
      if (!isNumber(granted) || !isNumber(expires_at)) continue
      leases.set(id, { token, grant: granted, expiresAt: expires_at })
    }
    return leases
  }

  put(id: string, { token, grant, expiresAt }: ShardLease): void {
    this.#put.run(this.#cache, storedText(id), storedText(token), grant, expiresAt)
  }

  remove(ids: readonly string[]): void {
    if (ids.length > 0) this.#remove.run(this.#cache, storedTexts(ids))
  }

  sweep(now: number, limit: number): number {
    return Number(this.#sweep.run(this.#cache, this.#cache, now, limit).changes)
  }
}
