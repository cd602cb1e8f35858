/**
 * A table of a PostgreSQL database as the store of a collection: one row a key.
 *
 * The table must exist, with a primary key or a unique constraint on its key column.
 */

import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { CacheKey, Store, StoredVersion, StoreWrite } from '../contracts/source.ts'
import { askByKeys } from './ask-by-keys.ts'
import { asking, type PostgresLike, type PostgresRow } from './postgres-like.ts'
import { quoteName, quoteTable } from './quote-name.ts'
import { POSITION } from './row-json.ts'
import { type Columns, columnOf, TableColumns } from './table-columns.ts'
import { TableWriter, type WrittenOptions } from './table-writer.ts'
import { type KeptVersion, VersionTable } from './version-table.ts'

export interface PostgresTableOptions<K extends CacheKey, V> {
  /** With its schema or without: `shop.products`. */
  readonly table: string
  /** The column of the key. */
  readonly key: string
  /**
   * Columns to read and write, beside the key. One that is `GENERATED ALWAYS AS IDENTITY` is read only.
   *
   * @default all of the table but those that are computed
   */
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
  /**
   * `'xmin'`: a write behind the cache sees what somebody else has changed since its value was read, by the
   * number of the transaction that wrote the row last, which PostgreSQL keeps with each row. It is read into
   * values as `xmin`, text, and is to be left in those that are written. Needs `versions`, whose table gets
   * the columns `base` and `seen`. Not for views and foreign tables.
   * @default none
   */
  readonly revision?: 'xmin'
  /**
   * `'prepared'`: what is asked again and again is parsed and planned once on each connection, by a name that
   * `pg` gives it: a batch of writes costs the database about a fifth less. Not where a pooler hands each
   * transaction another connection and knows no names, as PgBouncer before 1.21. A driver that is a function
   * prepares by itself.
   *
   * @default 'plain'
   */
  readonly statements?: 'plain' | 'prepared'
}

const OPTIONS: Known<PostgresTableOptions<CacheKey, unknown>> = {
  table: true,
  key: true,
  columns: true,
  fromRow: true,
  toRow: true,
  versions: true,
  revision: true,
  statements: true,
}

/**
 * Reads many keys in one statement, and writes many in one. A row that the database refuses is found by
 * halving, and fails alone; a key that no row can have, since the type of the column refuses it, is not found.
 *
 * The columns are looked up, and remembered for a minute at most: a table may be altered while it is in use.
 *
 * @throws ConfigError if a name cannot be one, or a driver that is a function is to prepare statements.
 */
export function postgresTable<K extends CacheKey, V>(
  driver: PostgresLike,
  options: PostgresTableOptions<K, V>,
): Store<K, V> {
  checkKnown(options, OPTIONS)
  const name = quoteTable(options.table, 'table')
  quoteName(options.key, 'key')
  for (const [index, column] of (options.columns ?? []).entries()) {
    quoteName(column, `columns[${index}]`)
  }
  checkRevision(options)
  const ask = asking(driver, options.statements)
  const isRevised = options.revision !== undefined
  const tableColumns = new TableColumns(ask, name)
  const versions =
    options.versions === undefined
      ? undefined
      : new VersionTable(ask, options.versions, {
          of: options.table,
          key: options.key,
          columns: tableColumns,
          isRevised,
        })
  const writer = new TableWriter(ask, {
    columns: tableColumns,
    versions,
    options: options as WrittenOptions,
  })
  const fromRow = options.fromRow ?? ((row: PostgresRow) => row as V)

  return {
    fencing: versions === undefined ? 'unfenced' : 'versioned',
    ...(isRevised ? { conflicts: 'detected' } : {}),

    async loadMany(keys, { signal }) {
      const rows = await askByKeys(tableColumns, keys, (columns, asked) => {
        signal.throwIfAborted()
        return ask(selectOf(columns, options), [asked])
      })
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
      const found = (await versions?.find(keys)) ?? new Map<K, KeptVersion>()
      return new Map([...found].map(([key, { version, epoch }]) => [key, { version, epoch }]))
    },
  }
}

/** `$1`: the keys as JSON. */
function selectOf(
  columns: Columns,
  {
    table,
    key: keyName,
    columns: wanted,
    revision,
  }: Pick<WrittenOptions, 'table' | 'key' | 'columns' | 'revision'>,
): string {
  const key = columnOf(columns, keyName, table)
  const names = new Set([keyName, ...(wanted ?? columns.map(({ name }) => name))])
  const listed = [...names].map((column) => `t.${quoteName(column, 'columns')}`)
  return `SELECT asked."${POSITION}", ${listed.join(', ')}${revision === undefined ? '' : ', t.xmin::text AS xmin'}
    FROM json_to_recordset($1::text::json) AS asked("${POSITION}" int, key ${key.type})
    JOIN ${quoteTable(table, 'table')} AS t ON t.${quoteName(key.name, 'key')} = asked.key`
}

/** @throws ConfigError */
function checkRevision({
  revision,
  versions,
}: {
  readonly revision?: unknown
  readonly versions?: unknown
}): void {
  if (revision === undefined || (revision === 'xmin' && versions !== undefined)) return
  throw new ConfigError({
    field: 'revision',
    expected: "'xmin', where `versions` is given",
    actual: revision,
  })
}
