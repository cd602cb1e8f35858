/**
 * A table of a PostgreSQL database as the store of a collection: one row a key.
 *
 * The table must exist, with a primary key or a unique constraint on its key column.
 */

import type { CacheKey, Store, StoredVersion, StoreWrite } from '../contracts/source.ts'
import { asking, type PostgresLike, type PostgresRow } from './postgres-like.ts'
import { quoteName, quoteTable } from './quote-name.ts'
import { keysAsJson, POSITION } from './row-json.ts'
import { columnOf, rememberColumns } from './table-columns.ts'
import { TableWriter, type WrittenOptions } from './table-writer.ts'
import { VersionTable } from './version-table.ts'

export interface PostgresTableOptions<K extends CacheKey, V> {
  /** With its schema or without: `shop.products`. */
  readonly table: string
  /** The column of the key. */
  readonly key: string
  /** Columns to read and write, beside the key. @default all of the table but generated ones */
  readonly columns?: readonly string[]
  /** Columns come as the driver reads them. @default the row itself, with its key */
  readonly fromRow?: (row: PostgresRow) => V
  /**
   * Columns to write; one that is left out keeps what it has. The key is added. They travel as JSON.
   * @default the value's own properties that are columns; `undefined` as NULL
   */
  readonly toRow?: (value: V, key: K) => PostgresRow
  /**
   * A table of the same database for the versions of what is written, removals too: with it older
   * versions are refused, as writing behind the cache needs. It is created if it is not there, and may
   * serve many tables. Columns: `of` and `key` (unique together), `version`, `epoch`.
   * @default none
   */
  readonly versions?: string
}

/**
 * Reads many keys in one statement, and writes many in one. A row that the database refuses is found by
 * halving, and fails alone.
 *
 * @throws ConfigError if a name cannot be one.
 */
export function postgresTable<K extends CacheKey, V>(
  driver: PostgresLike,
  options: PostgresTableOptions<K, V>,
): Store<K, V> {
  const name = quoteTable(options.table, 'table')
  quoteName(options.key, 'key')
  for (const [index, column] of (options.columns ?? []).entries()) {
    quoteName(column, `columns[${index}]`)
  }
  const ask = asking(driver)
  const columnsOf = rememberColumns(ask, name)
  const versions =
    options.versions === undefined
      ? undefined
      : new VersionTable(ask, options.versions, options.table)
  const writer = new TableWriter(ask, { columnsOf, versions, options: options as WrittenOptions })
  const fromRow = options.fromRow ?? ((row: PostgresRow) => row as V)

  return {
    fencing: versions === undefined ? 'unfenced' : 'versioned',

    async loadMany(keys, { signal }) {
      const columns = await columnsOf()
      signal.throwIfAborted()
      const key = columnOf(columns, options.key, options.table)
      const listed = (options.columns ?? columns.map((column) => column.name)).filter(
        (column) => column !== options.key,
      )
      const text = `SELECT asked."${POSITION}", ${[options.key, ...listed].map((column) => `t.${quoteName(column, 'columns')}`).join(', ')}
        FROM json_to_recordset($1::text::json) AS asked("${POSITION}" int, key ${key.type})
        JOIN ${name} AS t ON t.${quoteName(key.name, 'key')} = asked.key`
      const rows = await ask(text, [keysAsJson(keys.map((key, at) => ({ at, key })))])
      const found = new Map<K, V>()
      for (const { [POSITION]: position, ...row } of rows) {
        const asked = keys[Number(position)]
        if (asked !== undefined) found.set(asked, fromRow(row))
      }
      return found
    },

    async apply(writes, { signal }) {
      signal.throwIfAborted()
      return await writer.apply(writes as readonly StoreWrite<CacheKey, unknown>[])
    },

    async versions(keys, { signal }): Promise<ReadonlyMap<K, StoredVersion>> {
      signal.throwIfAborted()
      return (await versions?.find(keys)) ?? new Map()
    },
  }
}
