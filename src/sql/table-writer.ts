/**
 * Carries out writes of a table of PostgreSQL: statements for many rows, what they answer, and what stands in
 * the way of those that were not carried out.
 */

import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { isOfOneWrite, isTaken, outcomeOfError } from './outcome-of-error.ts'
import type { PostgresAsk, PostgresRow } from './postgres-like.ts'
import { columnOf, type TableColumn } from './table-columns.ts'
import type { KeptVersion, VersionTable } from './version-table.ts'
import { sweepStatement, type WrittenTable, writeStatement } from './write-statement.ts'
import { inStatements, prepareRow, type Row, type RowMapping, rowsAsJson } from './written-rows.ts'

export interface WriterOptions extends RowMapping {
  readonly table: string
  readonly versions?: string
}

export class TableWriter {
  readonly #ask: PostgresAsk
  readonly #columnsOf: () => Promise<readonly TableColumn[]>
  readonly #versions: VersionTable | undefined
  readonly #options: WriterOptions

  constructor(
    ask: PostgresAsk,
    parts: {
      readonly columnsOf: () => Promise<readonly TableColumn[]>
      readonly versions: VersionTable | undefined
      readonly options: WriterOptions
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
    const prepared = writes.map((write, at) => prepareRow(this.#options, columns, { write, at }))
    for (const one of prepared) if ('outcome' in one) outcomes[one.at] = one.outcome
    const rows = prepared.flatMap((one) => ('row' in one ? [one] : []))
    for (const group of inStatements(rows)) await this.#write(columns, group, outcomes)
    return outcomes
  }

  /** All of one set of columns. A row that is refused is found by halving. */
  async #write(
    columns: readonly TableColumn[],
    group: readonly Row[],
    outcomes: StoreOutcome[],
    tried: 'never' | 'before' = 'never',
  ): Promise<void> {
    try {
      await this.#statement(columns, group, outcomes)
      // Its row may have changed by a write of the cache whose version this statement could not see yet.
      const changed = group.filter(({ at }) => outcomes[at] === CHANGED)
      if (tried === 'never' && changed.length > 0) {
        await this.#write(columns, changed, outcomes, 'before')
      }
    } catch (error) {
      if (group.length > 1 && isOfOneWrite(error)) {
        const middle = Math.ceil(group.length / 2)
        await this.#write(columns, group.slice(0, middle), outcomes)
        await this.#write(columns, group.slice(middle), outcomes)
        return
      }
      // A row that came while the statement waited was not seen by it: the next one judges what it is.
      if (group.length === 1 && isTaken(error) && tried === 'never') {
        await this.#write(columns, group, outcomes, 'before')
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
      creates: group.some(({ write }) => write.kind === 'create'),
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
