/**
 * Versions of what `postgresTable` writes, in a table beside it: rows and removals alike, so that
 * nothing older brings a removed row back.
 *
 * Where rows have revisions, each version keeps the `base` that it was built upon. `seen` is what it has
 * replaced: it is written so that the guard of the statement can compare it.
 */

import type { CacheKey, StoredVersion } from '../contracts/source.ts'
import { askByKeys } from './ask-by-keys.ts'
import type { PostgresAsk } from './postgres-like.ts'
import { quoteTable } from './quote-name.ts'
import { POSITION } from './row-json.ts'
import { columnOf, type TableColumns } from './table-columns.ts'

export interface VersionedTable {
  /** Whose versions they are. */
  readonly of: string
  readonly key: string
  readonly columns: TableColumns
  readonly isRevised: boolean
}

/** `base`: only where rows have revisions. */
export interface KeptVersion extends StoredVersion {
  readonly base: string | undefined
}

export class VersionTable {
  readonly #ask: PostgresAsk
  readonly #name: string
  readonly #table: VersionedTable
  #created: Promise<unknown> | undefined

  constructor(ask: PostgresAsk, name: string, table: VersionedTable) {
    this.#ask = ask
    this.#name = quoteTable(name, 'versions')
    this.#table = table
  }

  /** Once; one that failed is tried again by the next call. */
  async create(): Promise<void> {
    this.#created ??= this.#create()
    try {
      await this.#created
    } catch (error) {
      this.#created = undefined
      throw error
    }
  }

  /** Who may not create tables may still use one that is there. */
  async #create(): Promise<void> {
    const [row] = await this.#ask('SELECT to_regclass($1) IS NOT NULL AS there', [this.#name])
    if (row?.['there'] === true) {
      await this.#addColumns()
      return
    }
    await this.#ask(
      `CREATE TABLE IF NOT EXISTS ${this.#name} ("of" text NOT NULL, key text NOT NULL,
        version int8 NOT NULL, epoch text NOT NULL, PRIMARY KEY ("of", key))`,
      [],
    )
    await this.#addColumns()
  }

  /** Looked for first: it is not everybody who may change a table. */
  async #addColumns(): Promise<void> {
    if (!this.#table.isRevised) return
    const [row] = await this.#ask(
      `SELECT count(*)::int AS count FROM pg_attribute
        WHERE attrelid = $1::regclass AND attname IN ('base', 'seen') AND NOT attisdropped`,
      [this.#name],
    )
    if (Number(row?.['count']) === 2) return
    await this.#ask(
      `ALTER TABLE ${this.#name} ADD COLUMN IF NOT EXISTS base text, ADD COLUMN IF NOT EXISTS seen text`,
      [],
    )
  }

  async find<K extends CacheKey>(keys: readonly K[]): Promise<ReadonlyMap<K, KeptVersion>> {
    await this.create()
    const { of, key: name, columns, isRevised } = this.#table
    // By the database's spelling, which is what they are kept under: a uuid in capitals, `1.00` for 1.
    const rows = await askByKeys(columns, keys, (known, asked) =>
      this.#ask(
        `SELECT a."${POSITION}" AS at, v.version::text AS version, v.epoch${isRevised ? ', v.base' : ''}
          FROM json_to_recordset($1::text::json) AS a("${POSITION}" int, key ${columnOf(known, name, of).type})
          JOIN ${this.#name} AS v ON v."of" = $2 AND v.key = a.key::text`,
        [asked, of],
      ),
    )
    const found = new Map<K, KeptVersion>()
    for (const { at, version, epoch, base } of rows) {
      const key = keys[Number(at)]
      if (key === undefined) continue
      const kept = typeof base === 'string' ? base : undefined
      found.set(key, { version: BigInt(String(version)), epoch: String(epoch), base: kept })
    }
    return found
  }
}
