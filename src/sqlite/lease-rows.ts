/**
 * The leases of one cache, at most one a key. Part of `SqliteRows`. A broken one is none.
 *
 * Who waits for one is not remembered: no message reaches other processes, which look again.
 */

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
      `SELECT leases.id, token, granted, expires_at, collection FROM json_each(?) AS asked
        CROSS JOIN leases ON leases.cache = ? AND leases.id = asked.value`,
    )
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO leases (cache, id, token, granted, expires_at, collection)
        VALUES (?, ?, ?, ?, ?, ?)`,
    )
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
    if (ids.length === 0) return new Map()
    return leasesOf(this.#find.all(storedTexts(ids), this.#cache))
  }

  put(id: string, { token, grant, expiresAt, collection }: ShardLease): void {
    const [key, of] = [storedText(id), storedText(collection)]
    this.#put.run(this.#cache, key, storedText(token), grant, expiresAt, of)
  }

  remove(ids: readonly string[]): void {
    if (ids.length > 0) this.#remove.run(this.#cache, storedTexts(ids))
  }

  sweep(tick: number, limit: number): number {
    return Number(this.#sweep.run(this.#cache, this.#cache, tick, limit).changes)
  }
}

function leasesOf(rows: readonly Record<string, unknown>[]): ReadonlyMap<string, ShardLease> {
  const leases = new Map<string, ShardLease>()
  for (const row of rows) {
    const { granted: grant, expires_at: expiresAt } = row
    const id = originalText(row['id'])
    const token = originalText(row['token'])
    const collection = originalText(row['collection'])
    if (id === undefined || token === undefined || collection === undefined) continue
    if (!isNumber(grant) || !isNumber(expiresAt)) continue
    leases.set(id, { token, grant, expiresAt, collection, awaited: false })
  }
  return leases
}
