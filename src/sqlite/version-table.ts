/**
 * Versions of what `sqliteTable` writes, in a table beside it: rows and removals alike, so that nothing
 * older brings a removed row back.
 *
 * Where rows have revisions, each version keeps what it was built upon and what it has made of the row:
 * so writes of the cache on one base follow each other, and what anybody else does in between is seen.
 */

import type { CacheKey, StoredVersion, StoreOutcome } from '../contracts/source.ts'
import type { SqliteStatement } from './database-call.ts'
import { keysAsJson } from './keys-as-json.ts'
import { quoteName } from './quote-name.ts'
import { type RevisedTable, standingText } from './row-revision.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

export interface KeyVersion {
  readonly key: CacheKey
  readonly version: bigint
  readonly epoch: string
  /** As text; `undefined`: rows have no revisions, or it is a removal. */
  readonly base: string | undefined
}

export interface Guard {
  /** Only if that table has no such key. */
  readonly unlessThere: { readonly name: string; readonly key: string } | undefined
  /** Only if the base stands. */
  readonly unlessChanged: boolean
}

const OF_REVISIONS = ['base', 'revision'] as const

export class VersionTable {
  readonly #database: SqliteDatabase
  readonly #name: string
  readonly #table: string
  /** Whose versions they are. */
  readonly #of: string
  readonly #revised: RevisedTable | undefined

  constructor(
    database: SqliteDatabase,
    { name, of, revised }: { name: string; of: string; revised: RevisedTable | undefined },
  ) {
    this.#database = database
    this.#name = quoteName(name, 'versions')
    this.#table = name
    this.#of = of
    this.#revised = revised
  }

  /** Keys have the type that they are given with, so `1` and `'1'` are two. */
  async create(): Promise<void> {
    await this.#database.run(`CREATE TABLE IF NOT EXISTS ${this.#name} (
      "of" TEXT NOT NULL, key NOT NULL, version INTEGER NOT NULL, epoch TEXT NOT NULL,
      PRIMARY KEY ("of", key)) WITHOUT ROWID`)
    if (this.#revised === undefined) return
    for (const column of await this.#missing()) {
      try {
        await this.#database.run(`ALTER TABLE ${this.#name} ADD COLUMN ${column} TEXT`)
      } catch (error) {
        // Another process may have added it meanwhile.
        if ((await this.#missing()).includes(column)) throw error
      }
    }
  }

  async #missing(): Promise<readonly string[]> {
    const sql = 'SELECT name FROM pragma_table_info(?)'
    const rows = await this.#database.all<{ readonly name: string }>(sql, [this.#table])
    return OF_REVISIONS.filter((column) => !rows.some(({ name }) => name === column))
  }

  /**
   * The version and the statement together, if the version is newer and the guard holds. `statement` must
   * do nothing where the statement before it has changed no row.
   */
  async apply(one: KeyVersion, statement: SqliteStatement, guard: Guard): Promise<StoreOutcome> {
    const statements = [this.#claim(one, guard), statement, ...this.#mark(one)]
    const [claimed] = await this.#database.transaction(statements)
    if (claimed !== undefined && claimed.changes > 0) return { kind: 'applied' }
    const { sql, params } = this.#look(one)
    const [row] = await this.#database.all(sql, params)
    const { version: stands, epoch: of, base } = row ?? {}
    const { version, epoch } = one
    if (stands !== undefined && BigInt(stands as number) >= version) {
      const isSame = BigInt(stands as number) === version && of === epoch
      // On another base it is not this write that stands there, but what it was merged to.
      const isOwn = isSame && (!guard.unlessChanged || base === one.base)
      if (isOwn) return { kind: 'applied' }
      return { kind: 'superseded', by: BigInt(stands as number), byEpoch: String(of) }
    }
    // It is newer, so that only what stands there can have kept it out.
    const reason =
      guard.unlessThere === undefined
        ? 'Somebody else has changed the row since it was read.'
        : 'The key exists.'
    return { kind: 'conflict', reason }
  }

  #claim({ key, version, epoch, base }: KeyVersion, guard: Guard): Required<SqliteStatement> {
    const free = this.#free(key, guard.unlessThere)
    const unchanged = this.#unchanged(key, guard.unlessChanged ? base : undefined)
    const [names, marks, replaced, kept] =
      this.#revised === undefined
        ? ['', '', '', []]
        : [', base', ', ?', ', base = excluded.base, revision = NULL', [base ?? null]]
    return {
      sql: `INSERT INTO ${this.#name} ("of", key, version, epoch${names}) SELECT ?, ?, ?, ?${marks}
        WHERE ${free.sql} AND ${unchanged.sql}
        ON CONFLICT ("of", key) DO UPDATE SET version = excluded.version, epoch = excluded.epoch${replaced}
          WHERE excluded.version > version`,
      params: [this.#of, key, version, epoch, ...kept, ...free.params, ...unchanged.params],
    }
  }

  #free(key: CacheKey, table: Guard['unlessThere']): Required<SqliteStatement> {
    if (table === undefined) return { sql: 'TRUE', params: [] }
    const sql = `NOT EXISTS (SELECT 1 FROM ${quoteName(table.name, 'table')}
      WHERE ${quoteName(table.key, 'key')} = ?)`
    return { sql, params: [key] }
  }

  /** The row is the one that was read, or what writes on the same base have made of it. */
  #unchanged(key: CacheKey, base: string | undefined): Required<SqliteStatement> {
    if (base === undefined || this.#revised === undefined) return { sql: 'TRUE', params: [] }
    const standing = standingText(this.#revised, key)
    return {
      sql: `(${standing.sql} = ? OR EXISTS (SELECT 1 FROM ${this.#name} AS v
        WHERE v."of" = ? AND v.key = ? AND v.base = ? AND v.revision = ${standing.sql}))`,
      params: [...standing.params, base, this.#of, key, base, ...standing.params],
    }
  }

  /** What has become of the row, triggers and all; only if it was written. */
  #mark({ key }: KeyVersion): readonly Required<SqliteStatement>[] {
    if (this.#revised === undefined) return []
    const standing = standingText(this.#revised, key)
    const sql = `UPDATE ${this.#name} SET revision = ${standing.sql}
      WHERE "of" = ? AND key = ? AND changes() > 0`
    return [{ sql, params: [...standing.params, this.#of, key] }]
  }

  #look({ key }: KeyVersion): Required<SqliteStatement> {
    const base = this.#revised === undefined ? '' : ', base'
    const sql = `SELECT version, epoch${base} FROM ${this.#name} WHERE "of" = ? AND key = ?`
    return { sql, params: [this.#of, key] }
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
