/** Carries out batches of writes on one table, in few statements. Called by `postgresTable` only. */

import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { isOfColumns, isOfOneWrite, isTaken, outcomeOfError } from './outcome-of-error.ts'
import type { PostgresAsk, PostgresRow } from './postgres-like.ts'
import { type BasedRow, type RowCells, rowAsJson } from './row-json.ts'
import { rowOfValue } from './row-of-value.ts'
import { type Columns, columnOf, type TableColumns } from './table-columns.ts'
import type { KeptVersion, VersionTable } from './version-table.ts'
import { baseText, sweepStatement, type WrittenTable, writeStatement } from './write-statement.ts'

export interface WrittenOptions {
  readonly table: string
  readonly key: string
  readonly columns?: readonly string[]
  readonly toRow?: (value: unknown, key: CacheKey) => PostgresRow
  readonly versions?: string
  readonly revision?: 'xmin'
}

type Write = StoreWrite<CacheKey, unknown>

interface WriteAt {
  readonly at: number
  readonly write: Write
}

interface Row extends WriteAt {
  readonly columns: readonly string[]
  readonly json: string
  readonly base: string | undefined
  readonly isBased: boolean
}

interface Known {
  readonly columns: Columns
  /** Looked up for these very writes: what fails now is their own. */
  readonly areNew: boolean
}

type Prepared = Row | { readonly at: number; readonly outcome: StoreOutcome }

export class TableWriter {
  readonly #ask: PostgresAsk
  readonly #columns: TableColumns
  readonly #versions: VersionTable | undefined
  readonly #options: WrittenOptions

  constructor(
    ask: PostgresAsk,
    parts: {
      readonly columns: TableColumns
      readonly versions: VersionTable | undefined
      readonly options: WrittenOptions
    },
  ) {
    this.#ask = ask
    this.#columns = parts.columns
    this.#versions = parts.versions
    this.#options = parts.options
  }

  async apply(writes: readonly Write[]): Promise<readonly StoreOutcome[]> {
    await this.#versions?.create()
    const outcomes: StoreOutcome[] = []
    const all = writes.map((write, at) => ({ at, write }))
    const known = { columns: await this.#columns.known(), areNew: false }
    const left = await this.#carryOut(known, all, outcomes)
    if (left.length > 0) {
      const columns = await this.#columns.anew()
      await this.#carryOut({ columns, areNew: true }, left, outcomes)
    }
    return outcomes
  }

  /** Answers what is left to do once the columns are looked up anew: where they are new, nothing. */
  async #carryOut(
    known: Known,
    writes: readonly WriteAt[],
    outcomes: StoreOutcome[],
  ): Promise<readonly WriteAt[]> {
    const written = this.#written(known.columns)
    const heads = new Map<string, string>()
    const prepared = writes.map((one) => this.#prepare({ written, heads }, one))
    for (const one of prepared) if ('outcome' in one) outcomes[one.at] = one.outcome
    const rows = prepared.flatMap((one) => ('json' in one ? [one] : []))
    const groups = inStatements(rows)
    for (const [index, group] of groups.entries()) {
      if (await this.#write(known, group, outcomes)) continue
      return groups
        .slice(index)
        .flat()
        .filter(({ at }) => outcomes[at] === undefined)
    }
    return []
  }

  #prepare(
    { written, heads }: { written: readonly string[]; heads: Map<string, string> },
    { at, write }: WriteAt,
  ): Prepared {
    try {
      const row = this.#basedOf(written, write)
      const { cells, base, isBased } = row
      const json = rowAsJson(at, write, { row, heads })
      return { at, write, columns: cells.names, json, base, isBased }
    } catch (error) {
      return { at, outcome: { kind: 'failed', error, retry: 'permanent' } }
    }
  }

  #basedOf(written: readonly string[], write: Write): BasedRow {
    const { key, revision } = this.#options
    if (typeof write.key === 'string' && !write.key.isWellFormed()) {
      throw new TypeError('The key has half a surrogate pair, which no database text can hold.')
    }
    if (write.kind === 'remove') {
      const cells = { names: [key], values: [write.key] }
      return { cells, base: undefined, isBased: false }
    }
    const cells = this.#cellsOf(written, write)
    if (revision === undefined) return { cells, base: undefined, isBased: false }
    const isBased = write.kind === 'create' || write.base !== undefined
    return { cells, base: this.#baseOf(write), isBased }
  }

  /** With its key, and without a revision. */
  #cellsOf(
    written: readonly string[],
    { key: of, value }: Exclude<Write, { readonly kind: 'remove' }>,
  ): RowCells {
    const { key, revision, toRow } = this.#options
    const { names: all, values: held } =
      toRow === undefined ? rowOfValue(value, written) : cellsOfRow(toRow(value, of))
    const names: string[] = []
    const values: unknown[] = []
    for (const [at, name] of all.entries()) {
      if (name === key || (name === 'xmin' && revision !== undefined)) continue
      names.push(name)
      values.push(held[at])
    }
    names.push(key)
    values.push(of)
    return { names, values }
  }

  /** Kept of every write, so that the next one on the same base is known to follow it. */
  #baseOf(write: Exclude<Write, { readonly kind: 'remove' }>): string {
    if (write.kind === 'create') return baseText(undefined)
    const value = write.base === undefined ? write.value : write.base.value
    if (value === undefined) return baseText(undefined)
    const row: unknown = this.#options.toRow?.(value, write.key) ?? value
    return baseText((row as PostgresRow | null)?.['xmin'])
  }

  #written(columns: Columns): readonly string[] {
    const filled = columns.filter(({ isFilled }) => isFilled).map(({ name }) => name)
    const names = this.#options.columns ?? columns.map(({ name }) => name)
    return names.filter((name) => !filled.includes(name))
  }

  /** All of one set of columns. A row that is refused is found by halving. `false`: see `#carryOut`. */
  async #write(
    known: Known,
    group: readonly Row[],
    outcomes: StoreOutcome[],
    tried: 'never' | 'before' = 'never',
  ): Promise<boolean> {
    try {
      await this.#statement(known.columns, group, outcomes)
      // Its row may have changed by a write of the cache whose version this statement could not see yet.
      const changed = group.filter(({ at }) => outcomes[at] === CHANGED)
      if (tried === 'never' && changed.length > 0) {
        return await this.#write(known, changed, outcomes, 'before')
      }
    } catch (error) {
      if (!known.areNew && isOfColumns(error)) return false
      if (group.length > 1 && isOfOneWrite(error)) {
        const middle = Math.ceil(group.length / 2)
        return (
          (await this.#write(known, group.slice(0, middle), outcomes)) &&
          (await this.#write(known, group.slice(middle), outcomes))
        )
      }
      // A row that came while the statement waited was not seen by it: the next one judges what it is.
      if (group.length === 1 && isTaken(error) && tried === 'never') {
        return await this.#write(known, group, outcomes, 'before')
      }
      for (const { at } of group) outcomes[at] = outcomeOfError(error)
    }
    return true
  }

  async #statement(
    columns: Columns,
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
      isRevised: this.#options.revision !== undefined && isVersioned,
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
      for (const one of unclaimed) {
        outcomes[one.at] = outcomeOf(one, versions?.get(one.write.key))
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

function cellsOfRow(row: PostgresRow): RowCells {
  return { names: Object.keys(row), values: Object.values(row) }
}

/** Rows of one set of columns and of different keys, in order: a later write of a key goes after it. */
function inStatements(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups: [Row, ...Row[]][] = []
  /** Behind the last group that has the key. */
  const after = new Map<CacheKey, number>()
  for (const row of rows) {
    const { key } = row.write
    const from = after.get(key) ?? 0
    const found = groups.findIndex(([first], at) => at >= from && isAlike(first, row))
    const at = found < 0 ? groups.length : found
    if (found < 0) groups.push([row])
    else groups[found]?.push(row)
    after.set(key, at + 1)
  }
  return groups
}

/** Columns in another order are another shape: values of one kind come from one place. */
function isAlike(one: Row, other: Row): boolean {
  const { write, columns } = one
  return (
    write.kind === other.write.kind &&
    (write.version === undefined) === (other.write.version === undefined) &&
    columns.length === other.columns.length &&
    columns.every((name, at) => name === other.columns[at])
  )
}

function jsonOf(group: readonly Row[]): string {
  return `[${group.map(({ json }) => json).join(',')}]`
}
