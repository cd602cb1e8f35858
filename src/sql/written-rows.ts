/** Writes as rows that travel to PostgreSQL in one statement. Used by `TableWriter`. */

import { ArgumentError } from '../contracts/errors.ts'
import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import type { PostgresRow } from './postgres-like.ts'
import type { TableColumn } from './table-columns.ts'
import { baseText, META } from './write-statement.ts'

/** How values become rows. */
export interface RowMapping {
  /** The column of the key. */
  readonly key: string
  readonly columns?: readonly string[]
  readonly toRow?: (value: unknown, key: CacheKey) => PostgresRow
  readonly revision?: 'xmin'
}

interface At {
  /** Among the writes that were given. */
  readonly at: number
  readonly write: StoreWrite<CacheKey, unknown>
}

export interface Row extends At {
  readonly row: PostgresRow
  /** As text; `undefined`: rows have no revisions, or it is a removal. */
  readonly base: string | undefined
  /** Only where the base stands. */
  readonly isBased: boolean
}

/** The row of a write, or what has become of it already. */
export function prepareRow(
  mapping: RowMapping,
  columns: readonly TableColumn[],
  { at, write }: At,
): Row | (At & { readonly outcome: StoreOutcome }) {
  const { key } = mapping
  try {
    if (typeof write.key === 'string' && !write.key.isWellFormed()) {
      throw new TypeError('The key has half a surrogate pair, which no database text can hold.')
    }
    if (write.kind === 'remove') {
      return { at, write, row: { [key]: write.key }, base: undefined, isBased: false }
    }
    const written = mapping.columns ?? columns.map(({ name }) => name)
    const own = mapping.toRow?.(write.value, write.key) ?? rowOfValue(write.value, written)
    const row: PostgresRow = { ...own, [key]: write.key }
    if (mapping.revision === undefined) return { at, write, row, base: undefined, isBased: false }
    const { xmin: _, ...others } = row
    const isBased = write.kind === 'create' || write.base !== undefined
    return { at, write, row: others, base: baseOf(mapping, write), isBased }
  } catch (error) {
    return { at, write, outcome: { kind: 'failed', error, retry: 'permanent' } }
  }
}

/** Kept of every write, so that the next one on the same base is known to follow it. */
function baseOf(
  { toRow }: RowMapping,
  write: Exclude<StoreWrite<CacheKey, unknown>, { readonly kind: 'remove' }>,
): string {
  if (write.kind === 'create') return baseText(undefined)
  const value = write.base === undefined ? write.value : write.base.value
  if (value === undefined) return baseText(undefined)
  const row: unknown = toRow?.(value, write.key) ?? value
  return baseText((row as PostgresRow | null)?.['xmin'])
}

/** Rows of one set of columns and of different keys, in order: a later write of a key goes after it. */
export function inStatements(rows: readonly Row[]): readonly (readonly Row[])[] {
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

export function rowsAsJson(group: readonly Row[]): string {
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
export function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value === undefined) return null
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  // JSON makes null of them.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value
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
