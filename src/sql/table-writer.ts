/** Carries out batches of writes on one table, in few statements. Called by `postgresTable` only. */

import type { CacheKey, StoredVersion, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { isOfOneWrite, outcomeOfError } from './outcome-of-error.ts'
import type { PostgresAsk, PostgresRow } from './postgres-like.ts'
import { rowAsJson } from './row-json.ts'
import { rowOfValue } from './row-of-value.ts'
import { columnOf, type TableColumn } from './table-columns.ts'
import type { VersionTable } from './version-table.ts'
import { sweepStatement, type WrittenTable, writeStatement } from './write-statement.ts'

export interface WrittenOptions {
  readonly table: string
  readonly key: string
  readonly columns?: readonly string[]
  readonly toRow?: (value: unknown, key: CacheKey) => PostgresRow
  readonly versions?: string
}

interface Row {
  readonly at: number
  readonly write: StoreWrite<CacheKey, unknown>
  readonly columns: readonly string[]
  readonly json: string
}

type Prepared = Row | { readonly at: number; readonly outcome: StoreOutcome }

export class TableWriter {
  readonly #ask: PostgresAsk
  readonly #columnsOf: () => Promise<readonly TableColumn[]>
  readonly #versions: VersionTable | undefined
  readonly #options: WrittenOptions

  constructor(
    ask: PostgresAsk,
    parts: {
      readonly columnsOf: () => Promise<readonly TableColumn[]>
      readonly versions: VersionTable | undefined
      readonly options: WrittenOptions
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
    const rows = prepared.flatMap((one) => ('json' in one ? [one] : []))
    for (const group of inStatements(rows)) await this.#write(columns, group, outcomes)
    return outcomes
  }

  #prepare(
    columns: readonly TableColumn[],
    write: StoreWrite<CacheKey, unknown>,
    at: number,
  ): Prepared {
    try {
      const row = this.#rowOf(columns, write)
      return { at, write, columns: Object.keys(row), json: rowAsJson(at, write, row) }
    } catch (error) {
      return { at, outcome: { kind: 'failed', error, retry: 'permanent' } }
    }
  }

  #rowOf(columns: readonly TableColumn[], write: StoreWrite<CacheKey, unknown>): PostgresRow {
    const { key, toRow = (value) => rowOfValue(value, this.#written(columns)) } = this.#options
    if (typeof write.key === 'string' && !write.key.isWellFormed()) {
      throw new TypeError('The key has half a surrogate pair, which no database text can hold.')
    }
    if (write.kind === 'remove') return { [key]: write.key }
    return { ...toRow(write.value, write.key), [key]: write.key }
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
    const [first] = group
    if (first === undefined) return
    const { table: name, key, versions } = this.#options
    const isVersioned = versions !== undefined && first.write.version !== undefined
    const table: WrittenTable = {
      name,
      key: columnOf(columns, key, name),
      versions: isVersioned ? versions : undefined,
    }
    const written = first.columns.map((column) => columnOf(columns, column, name))
    const text = writeStatement(table, first.write.kind, written)
    const rows = await this.#ask(text, [jsonOf(group), ...(isVersioned ? [name] : [])])
    for (const { at } of group) outcomes[at] = APPLIED
    if (isVersioned) await this.#judge(table, { group, rows, outcomes })
    else for (const { at } of rows) outcomes[Number(at)] = EXISTS
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
    const claimed = new Map(rows.map((row) => [Number(row['at']), row['claimed'] === true]))
    const unclaimed = group.filter(({ at }) => claimed.get(at) === false)
    if (unclaimed.length > 0) {
      // Asked anew: what stands there now may have come while this statement waited for it.
      const versions = await this.#versions?.find(unclaimed.map(({ write }) => write.key))
      for (const { at, write } of unclaimed) {
        outcomes[at] = outcomeOf(write, versions?.get(write.key))
      }
    }
    // One that was tried before may have been told of no row, and died before it looked again.
    const swept = group.filter(
      ({ at, write }) =>
        write.kind === 'remove' && claimed.has(at) && outcomes[at]?.kind === 'applied',
    )
    if (swept.length > 0) await this.#ask(sweepStatement(table), [jsonOf(swept), table.name])
  }
}

const APPLIED: StoreOutcome = { kind: 'applied' }
const EXISTS: StoreOutcome = { kind: 'conflict', reason: 'The key exists.' }

/** Of a write whose version was not claimed. */
function outcomeOf(
  { version = 0n, epoch = '' }: StoreWrite<CacheKey, unknown>,
  stands: StoredVersion | undefined,
): StoreOutcome {
  if (stands === undefined || stands.version < version) return EXISTS
  if (stands.version === version && stands.epoch === epoch) return APPLIED
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
    const shape = `${write.version !== undefined} ${write.kind} ${row.columns.toSorted().join('\0')}`
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

function jsonOf(group: readonly Row[]): string {
  return `[${group.map(({ json }) => json).join(',')}]`
}
