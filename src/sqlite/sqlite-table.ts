/**
 * A table of an SQLite database as the store of a collection: one row a key.
 *
 * The database is opened by `openSqlite`; the table must exist, with a primary key or a unique
 * constraint on its key column.
 */

import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { CacheKey, Store, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import type { SqliteStatement, SqliteValue } from './database-call.ts'
import { keysAsJson } from './keys-as-json.ts'
import { isOfColumns, outcomeOfError } from './outcome-of-error.ts'
import { quoteName } from './quote-name.ts'
import { baseOfWrite, mappingOf, type RowMapping } from './row-mapping.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { VersionTable } from './version-table.ts'

/** A row as it is read and written: columns by name. */
export type SqliteRow = Readonly<Record<string, SqliteValue>>

export interface SqliteTableOptions<K extends CacheKey, V> {
  readonly table: string
  /** The column of the key. What the database says of two keys holds: its column's type decides whether `1` and `'1'` are one. */
  readonly key: string
  /** Columns to read and write, beside the key. @default all of the table */
  readonly columns?: readonly string[]
  /** @default the row itself, with its key */
  readonly fromRow?: (row: SqliteRow) => V
  /**
   * Columns to write; one that is left out keeps what it has. The key is added.
   * @default the value's own properties that are columns; `undefined` as NULL, booleans as 0 and 1
   */
  readonly toRow?: (value: V, key: K) => SqliteRow
  /**
   * A table of the same database for the versions of what is written, removals too: with it older
   * versions are refused, as writing behind the cache needs. It is created if it is not there, and may
   * serve many tables. Columns: `of` and `key` (unique together), `version`, `epoch`.
   * @default none
   */
  readonly versions?: string
  /**
   * A column of whole numbers that every other writer of the table raises with each change of a row, by
   * itself or by a trigger, as this store does: with it, a write behind the cache sees what somebody else
   * has changed since its value was read. It is read into values, and is to be left in those that are
   * written. Needs `versions`, whose table gets the columns `base` and `revision`.
   * @default none
   */
  readonly revision?: string
}

const OPTIONS: Known<SqliteTableOptions<CacheKey, unknown>> = {
  table: true,
  key: true,
  columns: true,
  fromRow: true,
  toRow: true,
  versions: true,
  revision: true,
}

/** Beside the columns of the row, the place of its key among those that were asked for. */
const POSITION = 'tiercel:position'

interface Table {
  /** Of the versions; `undefined`: none are kept. */
  readonly versions: VersionTable | undefined
  readonly name: string
  readonly key: string
  readonly columns: readonly string[]
  /** The column of the revision; `undefined`: rows have none. */
  readonly revision: string | undefined
}

/**
 * Reads many keys in one statement; writes of one batch share one transaction, and one that fails
 * fails alone. Writes are fenced where `versions` names a table for them.
 *
 * @throws ConfigError if a name cannot be one.
 */
export function sqliteTable<K extends CacheKey, V>(
  database: SqliteDatabase,
  options: SqliteTableOptions<K, V>,
): Store<K, V> {
  checkKnown(options, OPTIONS)
  quoteName(options.table, 'table')
  quoteName(options.key, 'key')
  if (options.versions !== undefined) quoteName(options.versions, 'versions')
  checkRevision(options)
  for (const [index, column] of (options.columns ?? []).entries()) {
    quoteName(column, `columns[${index}]`)
  }
  const fromRow = options.fromRow ?? ((row: SqliteRow) => row as V)
  const tables = rememberTable(database, options)

  return {
    fencing: options.versions === undefined ? 'unfenced' : 'versioned',
    ...(options.revision === undefined ? {} : { conflicts: 'detected' }),

    async loadMany(keys, { signal }) {
      const rows = await asTableIs(tables, (table) => {
        signal.throwIfAborted()
        return database.all<Record<string, SqliteValue>>(selectOf(table), [keysAsJson(keys)])
      })
      const found = new Map<K, V>()
      for (const { [POSITION]: position, ...row } of rows) {
        const key = keys[Number(position)]
        if (key !== undefined) found.set(key, fromRow(row))
      }
      return found
    },

    async apply(writes, { signal }) {
      const applyAll = (table: Table, some: readonly StoreWrite<K, V>[]) => {
        signal.throwIfAborted()
        const mapping = mappingOf(table, options.toRow)
        // Asked for in one tick, they are one transaction with a savepoint each.
        return Promise.all(some.map((write) => applyOne(database, table, write, mapping)))
      }
      const outcomes = await applyAll(await tables.known(), writes)
      const places = placesToRepeat(writes, outcomes)
      if (places.length === 0) return outcomes
      const again = places.flatMap((at) => writes[at] ?? [])
      const repeated = await applyAll(await tables.anew(), again)
      return outcomes.map((outcome, at) => repeated[places.indexOf(at)] ?? outcome)
    },

    async versions(keys, { signal }) {
      const { versions } = await tables.known()
      signal.throwIfAborted()
      return (await versions?.find(keys)) ?? new Map()
    },
  }
}

/** A new column is written from then on at the latest. */
const REMEMBERED_MS = 60_000

interface Tables {
  /** As remembered. A look-up that failed is tried again by the next call. */
  known(): Promise<Table>
  anew(): Promise<Table>
}

/** The table may be altered while it is in use: its columns are remembered for a minute. */
function rememberTable<K extends CacheKey, V>(
  database: SqliteDatabase,
  { table: name, key, columns, versions: versionTable, revision }: SqliteTableOptions<K, V>,
): Tables {
  let known: Table | undefined
  let until = 0
  const revised = revision === undefined ? undefined : { name, key, revision }
  const versions =
    versionTable === undefined
      ? undefined
      : new VersionTable(database, { name: versionTable, of: name, revised })
  const listed = async (): Promise<readonly string[]> => {
    if (columns !== undefined) {
      return [...new Set([...columns, key, ...(revision === undefined ? [] : [revision])])]
    }
    const sql = 'SELECT name FROM pragma_table_info(?)'
    const rows = await database.all<{ name: string }>(sql, [name])
    if (rows.length === 0) throw new Error(`The database has no table ${JSON.stringify(name)}.`)
    return rows.map((row) => row.name)
  }
  const anew = async (): Promise<Table> => {
    await versions?.create()
    known = { versions, name, key, revision, columns: await listed() }
    until = performance.now() + REMEMBERED_MS
    return known
  }
  return {
    anew,
    known: async () => (known !== undefined && performance.now() < until ? known : await anew()),
  }
}

/** With the columns as remembered, or else as they are. @throws whatever `ask` throws then. */
async function asTableIs<T>(tables: Tables, ask: (table: Table) => Promise<T>): Promise<T> {
  try {
    return await ask(await tables.known())
  } catch (error) {
    if (!isOfColumns(error)) throw error
    return await ask(await tables.anew())
  }
}

/** Of writes that failed as they would with columns that are gone, but for those that a later one follows. */
function placesToRepeat<K, V>(
  writes: readonly StoreWrite<K, V>[],
  outcomes: readonly StoreOutcome[],
): readonly number[] {
  const last = new Map(writes.map(({ key }, at) => [key, at]))
  return outcomes.flatMap((outcome, at) => {
    const key = writes[at]?.key as K
    return outcome.kind === 'failed' && isOfColumns(outcome.error) && last.get(key) === at ? at : []
  })
}

function selectOf({ name, key, columns }: Table): string {
  const listed = columns.map((column) => `t.${quoteName(column, 'columns')}`).join(', ')
  return `SELECT asked.key AS "${POSITION}", ${listed} FROM json_each(?) AS asked
    CROSS JOIN ${quoteName(name, 'table')} AS t ON t.${quoteName(key, 'key')} = asked.value`
}

async function applyOne<K extends CacheKey, V>(
  database: SqliteDatabase,
  table: Table,
  write: StoreWrite<K, V>,
  { rowOf, baseOf }: RowMapping<K, V>,
): Promise<StoreOutcome> {
  try {
    if (typeof write.key === 'string' && !write.key.isWellFormed()) {
      throw new TypeError('The key has half a surrogate pair, which no database text can hold.')
    }
    const { key, version, epoch = '' } = write
    const row = write.kind === 'remove' ? undefined : rowOf(write.value, key)
    if (table.versions !== undefined && version !== undefined) {
      const statement = row === undefined ? guardedDelete(table, key) : guardedInsert(table, row)
      const isCreate = write.kind === 'create'
      const isBased = isCreate || (write.kind === 'put' && write.base !== undefined)
      const one = { key, version, epoch, base: baseOfWrite(write, baseOf) }
      return await table.versions.apply(one, statement, {
        unlessThere: isCreate ? table : undefined,
        unlessChanged: isBased && table.revision !== undefined,
      })
    }
    if (row === undefined) {
      const { name, key: column } = table
      const sql = `DELETE FROM ${quoteName(name, 'table')} WHERE ${quoteName(column, 'key')} = ?`
      await database.run(sql, [key])
      return { kind: 'applied' }
    }
    const { sql, params } = insertOf(table, write.kind === 'create' ? 'create' : 'put', row)
    const { changes } = await database.run(sql, params)
    if (write.kind === 'put' || changes > 0) return { kind: 'applied' }
    return { kind: 'conflict', reason: 'The key exists.' }
  } catch (error) {
    return outcomeOfError(error)
  }
}

function insertOf(table: Table, kind: 'create' | 'put', row: SqliteRow): Statement {
  const { columns, values, onConflict } = partsOf(table, row)
  const what = kind === 'put' ? onConflict : 'DO NOTHING'
  const sql = `INSERT INTO ${quoteName(table.name, 'table')} (${columns.join(', ')})
    VALUES (${values.join(', ')}) ON CONFLICT (${quoteName(table.key, 'key')}) ${what}`
  return { sql, params: Object.values(row) }
}

/** Only after a statement that has changed a row: that of the version. */
function guardedInsert(table: Table, row: SqliteRow): Statement {
  const { columns, values, onConflict } = partsOf(table, row)
  const sql = `INSERT INTO ${quoteName(table.name, 'table')} (${columns.join(', ')})
    SELECT ${values.join(', ')} WHERE changes() > 0
    ON CONFLICT (${quoteName(table.key, 'key')}) ${onConflict}`
  return { sql, params: Object.values(row) }
}

function guardedDelete({ name, key }: Table, value: CacheKey): Statement {
  const where = `${quoteName(key, 'key')} = ? AND changes() > 0`
  return { sql: `DELETE FROM ${quoteName(name, 'table')} WHERE ${where}`, params: [value] }
}

interface InsertParts {
  readonly columns: readonly string[]
  readonly values: readonly string[]
  readonly onConflict: string
}

function partsOf({ key, revision }: Table, row: SqliteRow): InsertParts {
  const columns = Object.keys(row).map((column) => quoteName(column, 'toRow'))
  const replaced = columns
    .filter((column) => column !== quoteName(key, 'key'))
    .map((column) => `${column} = excluded.${column}`)
  const values = columns.map(() => '?')
  if (revision !== undefined) {
    const column = quoteName(revision, 'revision')
    columns.push(column)
    values.push('1')
    replaced.push(`${column} = coalesce(${column}, 0) + 1`)
  }
  const onConflict = replaced.length > 0 ? `DO UPDATE SET ${replaced.join(', ')}` : 'DO NOTHING'
  return { columns, values, onConflict }
}

/** @throws ConfigError */
function checkRevision({ revision, versions, key }: Names): void {
  if (revision === undefined) return
  quoteName(revision, 'revision')
  if (versions !== undefined && revision !== key) return
  throw new ConfigError({
    field: 'revision',
    expected: 'a column beside that of the key, where `versions` is given',
    actual: revision,
  })
}

type Names = Pick<SqliteTableOptions<CacheKey, unknown>, 'revision' | 'versions' | 'key'>
type Statement = Required<SqliteStatement>
