/**
 * Versions of what `postgresTable` writes, in a table beside it: rows and removals alike, so that
 * nothing older brings a removed row back.
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
    if (row?.['there'] === true) return
    await this.#ask(
      `CREATE TABLE IF NOT EXISTS ${this.#name} ("of" text NOT NULL, key text NOT NULL,
        version int8 NOT NULL, epoch text NOT NULL, PRIMARY KEY ("of", key))`,
      [],
    )
  }

  async find<K extends CacheKey>(keys: readonly K[]): Promise<ReadonlyMap<K, StoredVersion>> {
    await this.create()
    const { of, key: name, columns } = this.#table
    // By the database's spelling, which is what they are kept under: a uuid in capitals, `1.00` for 1.
    const rows = await askByKeys(columns, keys, (known, asked) =>
      this.#ask(
        `SELECT a."${POSITION}" AS at, v.version::text AS version, v.epoch
          FROM json_to_recordset($1::text::json) AS a("${POSITION}" int, key ${columnOf(known, name, of).type})
          JOIN ${this.#name} AS v ON v."of" = $2 AND v.key = a.key::text`,
        [asked, of],
      ),
    )
    const found = new Map<K, StoredVersion>()
    for (const { at, version, epoch } of rows) {
      const key = keys[Number(at)]
      if (key !== undefined) {
        found.set(key, { version: BigInt(String(version)), epoch: String(epoch) })
      }
    }
    return found
  }
}
