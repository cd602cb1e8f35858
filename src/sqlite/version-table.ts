/**
 * Versions of what `sqliteTable` writes, in a table beside it: rows and removals alike, so that nothing
 * older brings a removed row back.
 */

import type { CacheKey, StoredVersion, StoreOutcome } from '../contracts/source.ts'
import type { SqliteStatement } from './database-call.ts'
import { keysAsJson } from './keys-as-json.ts'
import { quoteName } from './quote-name.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

export interface KeyVersion {
  readonly key: CacheKey
  readonly version: bigint
  readonly epoch: string
}

export class VersionTable {
  readonly #database: SqliteDatabase
  readonly #name: string
  /** Whose versions they are. */
  readonly #of: string

  constructor(database: SqliteDatabase, name: string, of: string) {
    this.#database = database
    this.#name = quoteName(name, 'versions')
    this.#of = of
  }

  /** Keys have the type that they are given with, so `1` and `'1'` are two. */
  async create(): Promise<void> {
    await this.#database.run(`CREATE TABLE IF NOT EXISTS ${this.#name} (
      "of" TEXT NOT NULL, key NOT NULL, version INTEGER NOT NULL, epoch TEXT NOT NULL,
      PRIMARY KEY ("of", key)) WITHOUT ROWID`)
  }

  /**
   * The version and the statement together, if the version is newer. `statement` must do nothing where
   * the statement before it has changed no row. `unlessThere`: and only if that table has no such key.
   */
  async apply(
    { key, version, epoch }: KeyVersion,
    statement: SqliteStatement,
    options: { readonly unlessThere: { readonly name: string; readonly key: string } | undefined },
  ): Promise<StoreOutcome> {
    const { unlessThere } = options
    const free =
      unlessThere === undefined
        ? 'TRUE'
        : `NOT EXISTS (SELECT 1 FROM ${quoteName(unlessThere.name, 'table')}
            WHERE ${quoteName(unlessThere.key, 'key')} = ?)`
    const claim = {
      sql: `INSERT INTO ${this.#name} ("of", key, version, epoch) SELECT ?, ?, ?, ? WHERE ${free}
        ON CONFLICT ("of", key) DO UPDATE SET version = excluded.version, epoch = excluded.epoch
          WHERE excluded.version > version`,
      params: [this.#of, key, version, epoch, ...(unlessThere === undefined ? [] : [key])],
    }
    const [claimed] = await this.#database.transaction([claim, statement])
    if (claimed !== undefined && claimed.changes > 0) return { kind: 'applied' }
    const [row] = await this.#database.all(
      `SELECT version, epoch FROM ${this.#name} WHERE "of" = ? AND key = ?`,
      [this.#of, key],
    )
    const { version: stands, epoch: of } = row ?? {}
    if (stands !== undefined && BigInt(stands as number) === version && of === epoch) {
      return { kind: 'applied' }
    }
    if (stands !== undefined && BigInt(stands as number) >= version) {
      return { kind: 'superseded', by: BigInt(stands as number), byEpoch: String(of) }
    }
    // It is newer, so that only what stands there can have kept it out.
    return { kind: 'conflict', reason: 'The key exists.' }
  }

  async find<K extends CacheKey>(keys: readonly K[]): Promise<ReadonlyMap<K, StoredVersion>> {
    const rows = await this.#database.all<{
      readonly position: number
      readonly version: number
      readonly epoch: string
    }>(
      `SELECT asked.key AS position, v.version, v.epoch FROM json_each(?) AS asked
        CROSS JOIN ${this.#name} AS v ON v."of" = ? AND v.key = asked.value`,
      [keysAsJson(keys), this.#of],
    )
    const found = new Map<K, StoredVersion>()
    for (const { position, version, epoch } of rows) {
      const key = keys[position]
      if (key !== undefined) found.set(key, { version: BigInt(version), epoch })
    }
    return found
  }
}
