/**
 * A table of a PostgreSQL database as the store of a collection: one row a key.
 *
 * The table must exist, with a primary key or a unique constraint on its key column.
 */

import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import type {
  CacheKey,
  Store,
  StoredVersion,
  StoreOutcome,
  StoreWrite,
} from '../contracts/source.ts'
import { isOfOneWrite, outcomeOfError } from './outcome-of-error.ts'
import { asking, type PostgresAsk, type PostgresLike, type PostgresRow } from './postgres-like.ts'
import { quoteName, quoteTable } from './quote-name.ts'
import { rememberColumns, type TableColumn } from './table-columns.ts'
import { type KeptVersion, VersionTable } from './version-table.ts'
import {
  baseText,
  META,
  sweepStatement,
  type WrittenTable,
  writeStatement,
} from './write-statement.ts'

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

type Prepared = { readonly at: number; readonly write: StoreWrite<CacheKey, unknown> } & (
  | {
      readonly row: PostgresRow
      /** As text; `undefined`: rows have no revisions, or it is a removal. */
      readonly base: string | undefined
      /** Only where the base stands. */
      readonly isBased: boolean
    }
  | { readonly outcome: StoreOutcome }
)

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
  const writer = new TableWriter(ask, { columnsOf, versions, options: options as AnyOptions })
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

type AnyOptions = PostgresTableOptions<CacheKey, unknown>

class TableWriter {
  readonly #ask: PostgresAsk
  readonly #columnsOf: () => Promise<readonly TableColumn[]>
  readonly #versions: VersionTable | undefined
  readonly #options: AnyOptions

  constructor(
    ask: PostgresAsk,
    parts: {
      readonly columnsOf: () => Promise<readonly TableColumn[]>
      readonly versions: VersionTable | undefined
      readonly options: AnyOptions
    },
  ) {
    this.#ask = ask
    this.#columnsOf = parts.columnsOf
    this.#versions = parts.versions
    this.#options = parts.options
  }

  async apply(writes: readonly StoreWrite<CacheKey, unknown>[]): Promise<readonly StoreOutcome[]> {
    const columns = await this.#columnsOf()
    await this.#versions?.create()
    const outcomes: StoreOutcome[] = []
    const prepared = writes.map((write, at) => this.#prepare(columns, write, at))
    for (const one of prepared) if ('outcome' in one) outcomes[one.at] = one.outcome
    const rows = prepared.flatMap((one) => ('row' in one ? [one] : []))
    for (const group of inStatements(rows)) await this.#write(columns, group, outcomes)
    return outcomes
  }

  #prepare(
    columns: readonly TableColumn[],
    write: StoreWrite<CacheKey, unknown>,
    at: number,
  ): Prepared {
    const { key } = this.#options
    try {
      if (typeof write.key === 'string' && !write.key.isWellFormed()) {
        throw new TypeError('The key has half a surrogate pair, which no database text can hold.')
      }
      if (write.kind === 'remove') {
        return { at, write, row: { [key]: write.key }, base: undefined, isBased: false }
      }
      const toRow =
        this.#options.toRow ?? ((value: unknown) => rowOfValue(value, this.#written(columns)))
      const { xmin, ...others } = { ...toRow(write.value, write.key), [key]: write.key }
      const isRevised = this.#options.revision !== undefined
      const row: PostgresRow = isRevised || xmin === undefined ? others : { ...others, xmin }
      const isBased = isRevised && (write.kind === 'create' || write.base !== undefined)
      return { at, write, row, base: isRevised ? this.#baseOf(write) : undefined, isBased }
    } catch (error) {
      return { at, write, outcome: { kind: 'failed', error, retry: 'permanent' } }
    }
  }

  /** Kept of every write, so that the next one on the same base is known to follow it. */
  #baseOf(write: Exclude<StoreWrite<CacheKey, unknown>, { readonly kind: 'remove' }>): string {
    if (write.kind === 'create') return baseText(undefined)
    const value = write.base === undefined ? write.value : write.base.value
    if (value === undefined) return baseText(undefined)
    const row: unknown = this.#options.toRow?.(value, write.key) ?? value
    return baseText((row as PostgresRow | null)?.['xmin'])
  }

  #written(columns: readonly TableColumn[]): readonly string[] {
    return this.#options.columns ?? columns.map(({ name }) => name)
  }

  /** All of one set of columns. A row that is refused is found by halving. */
  async #write(
    columns: readonly TableColumn[],
    group: readonly Row[],
    outcomes: StoreOutcome[],
  ): Promise<void> {
    try {
      await this.#statement(columns, group, outcomes)
    } catch (error) {
      if (group.length > 1 && isOfOneWrite(error)) {
        const middle = Math.ceil(group.length / 2)
        await this.#write(columns, group.slice(0, middle), outcomes)
        await this.#write(columns, group.slice(middle), outcomes)
        return
      }
      for (const { at } of group) outcomes[at] = outcomeOfError(error)
    }
  }

  async #statement(
    columns: readonly TableColumn[],
    group: readonly Row[],
    outcomes: StoreOutcome[],
  ): Promise<void> {
    const { table: name, key } = this.#options
    const [first] = group
    const isVersioned = this.#versions !== undefined && first?.write.version !== undefined
    const table: WrittenTable = {
      name,
      key: columnOf(columns, key, name),
      versions: isVersioned ? this.#options.versions : undefined,
      isRevised: this.#options.revision !== undefined,
    }
    const written = Object.keys(first?.row ?? {}).map((column) => columnOf(columns, column, name))
    const text = writeStatement(table, written)
    const params = [rowsAsJson(group), ...(isVersioned ? [name] : [])]
    const rows = await this.#ask(text, params)
    if (isVersioned) await this.#judge(table, { group, rows, outcomes })
    else {
      const done = new Set(rows.map(({ at }) => Number(at)))
      for (const { at } of group) outcomes[at] = done.has(at) ? APPLIED : EXISTS
    }
  }

  async #judge(
    table: WrittenTable,
    {
      group,
      rows,
      outcomes,
    }: {
      readonly group: readonly Row[]
      readonly rows: readonly PostgresRow[]
      readonly outcomes: StoreOutcome[]
    },
  ): Promise<void> {
    const answers = new Map(rows.map((row) => [Number(row['at']), row]))
    const unclaimed = group.filter(({ at }) => answers.get(at)?.['claimed'] !== true)
    for (const { at } of group) outcomes[at] = APPLIED
    if (unclaimed.length > 0) {
      // Asked anew: what stands there now may have come while this statement waited for it.
      const versions = await this.#versions?.find(unclaimed.map(({ write }) => write.key))
      for (const one of unclaimed) {
        outcomes[one.at] = outcomeOf(one, versions?.get(one.write.key))
      }
    }
    // One that was tried before may have been told of no row, and died before it looked again.
    const swept = group.filter(
      ({ at, write }) =>
        write.kind === 'remove' &&
        outcomes[at] === APPLIED &&
        answers.get(at)?.['removed'] !== true,
    )
    if (swept.length > 0) {
      await this.#ask(sweepStatement(table), [rowsAsJson(swept), table.name])
    }
  }
}

type Row = Extract<Prepared, { readonly row: PostgresRow }>

const APPLIED: StoreOutcome = { kind: 'applied' }
const EXISTS: StoreOutcome = { kind: 'conflict', reason: 'The key exists.' }
const CHANGED: StoreOutcome = {
  kind: 'conflict',
  reason: 'Somebody else has changed the row since it was read.',
}

/** Of a write whose version was not claimed. */
function outcomeOf(
  { write: { kind, version = 0n, epoch = '' }, base, isBased }: Row,
  stands: KeptVersion | undefined,
): StoreOutcome {
  if (stands === undefined || stands.version < version) return kind === 'create' ? EXISTS : CHANGED
  const isSame = stands.version === version && stands.epoch === epoch
  // On another base it is not this write that stands there, but what it was merged to.
  if (isSame && (!isBased || stands.base === base)) return APPLIED
  return { kind: 'superseded', by: stands.version, byEpoch: stands.epoch }
}

/** Rows of one set of columns and of different keys, in order: a later write of a key goes after it. */
function inStatements(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups: { readonly shape: string; readonly keys: Set<CacheKey>; readonly rows: Row[] }[] =
    []
  /** Behind the last group that has the key. */
  const after = new Map<CacheKey, number>()
  for (const row of rows) {
    const { write } = row
    const isVersioned = write.version !== undefined
    const shape = `${isVersioned} ${write.kind === 'remove'} ${Object.keys(row.row).sort().join('\0')}`
    const from = after.get(write.key) ?? 0
    let at = groups.findIndex((group, index) => index >= from && group.shape === shape)
    if (at < 0) {
      at = groups.length
      groups.push({ shape, keys: new Set(), rows: [] })
    }
    groups[at]?.rows.push(row)
    after.set(write.key, at + 1)
  }
  return groups.map((group) => group.rows)
}

/** @throws Error for a column that the table does not have. */
function columnOf(columns: readonly TableColumn[], name: string, table: string): TableColumn {
  const column = columns.find((one) => one.name === name)
  if (column !== undefined) return column
  throw new Error(`The table ${JSON.stringify(table)} has no column ${JSON.stringify(name)}.`)
}

function rowsAsJson(group: readonly Row[]): string {
  return JSON.stringify(
    group.map(({ at, write, row, base, isBased }) => ({
      [META.at]: at,
      [META.kind]: write.kind,
      [META.version]: write.version === undefined ? null : String(write.version),
      [META.epoch]: write.epoch ?? '',
      [META.base]: base ?? null,
      [META.isBased]: isBased,
      ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asJson(value)])),
    })),
  )
}

/** What JSON has no form for, as the text that PostgreSQL reads. */
function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value === undefined) return null
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  // JSON makes null of them.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value
}

function keysAsJson(keys: readonly CacheKey[]): string {
  return JSON.stringify(
    keys.map((key, at) => ({
      [POSITION]: at,
      key: typeof key === 'string' && !key.isWellFormed() ? null : asJson(key),
    })),
  )
}

/** @throws ArgumentError for what is no object. */
function rowOfValue(value: unknown, columns: readonly string[]): PostgresRow {
  if (typeof value !== 'object' || value === null) {
    throw new ArgumentError({
      field: 'value',
      expected: 'an object with the columns as properties',
      actual: value,
      cure: 'Give `toRow`.',
    })
  }
  const properties = value as PostgresRow
  const own = columns.filter((column) => Object.hasOwn(value, column))
  return Object.fromEntries(own.map((column) => [column, properties[column]]))
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
