/**
 * A table of a PostgreSQL database as the store of a collection: one row a key.
 *
 * The table must exist, with a primary key or a unique constraint on its key column.
 */

import { ConfigError } from '../contracts/errors.ts'
import type { CacheKey, Store, StoredVersion, StoreWrite } from '../contracts/source.ts'
import { asking, type PostgresLike, type PostgresRow } from './postgres-like.ts'
import { quoteName, quoteTable } from './quote-name.ts'
import { columnOf, rememberColumns } from './table-columns.ts'
import { TableWriter, type WriterOptions } from './table-writer.ts'
import { type KeptVersion, VersionTable } from './version-table.ts'
import { asJson } from './written-rows.ts'

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
  /**
   * `'xmin'`: a write behind the cache sees what somebody else has changed since its value was read, by the
   * number of the transaction that wrote the row last, which PostgreSQL keeps with each row. It is read into
   * values as `xmin`, text, and is to be left in those that are written. Needs `versions`, whose table gets
   * the columns `base` and `seen`. Not for views and foreign tables.
   * @default none
   */
  readonly revision?: 'xmin'
}

/** Beside the columns of the row, the place of its key among those that were asked for. */
const POSITION = 'tiercel:position'

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
  checkRevision(options)
  const ask = asking(driver)
  const isRevised = options.revision !== undefined
  const columnsOf = rememberColumns(ask, name)
  const versions =
    options.versions === undefined
      ? undefined
      : new VersionTable(ask, options.versions, { of: options.table, isRevised })
  const writer = new TableWriter(ask, { columnsOf, versions, options: options as WriterOptions })
  const fromRow = options.fromRow ?? ((row: PostgresRow) => row as V)

  return {
    fencing: versions === undefined ? 'unfenced' : 'versioned',
    ...(isRevised ? { conflicts: 'detected' } : {}),

    async loadMany(keys, { signal }) {
      const columns = await columnsOf()
      signal.throwIfAborted()
      const key = columnOf(columns, options.key, options.table)
      const listed = (options.columns ?? columns.map((column) => column.name)).filter(
        (column) => column !== options.key,
      )
      const text = `SELECT asked."${POSITION}", ${[options.key, ...listed].map((column) => `t.${quoteName(column, 'columns')}`).join(', ')}${isRevised ? ', t.xmin::text AS xmin' : ''}
        FROM json_to_recordset($1::text::json) AS asked("${POSITION}" int, key ${key.type})
        JOIN ${name} AS t ON t.${quoteName(key.name, 'key')} = asked.key`
      const rows = await ask(text, [keysAsJson(keys)])
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

function keysAsJson(keys: readonly CacheKey[]): string {
  return JSON.stringify(
    keys.map((key, at) => ({
      [POSITION]: at,
      key: typeof key === 'string' && !key.isWellFormed() ? null : asJson(key),
    })),
  )
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
