import { ArgumentError } from '../contracts/errors.ts'
import type { SqliteValue } from './database-call.ts'

/**
 * The columns of a value object: its own properties that are columns, others are left out.
 * `sqliteTable` writes this where no `toRow` is given.
 *
 * @throws ArgumentError for what is no object, or has a property that SQLite cannot hold.
 */
export function rowOfValue(
  value: unknown,
  columns: readonly string[],
): Readonly<Record<string, SqliteValue>> {
  if (typeof value !== 'object' || value === null) {
    throw new ArgumentError({
      field: 'value',
      expected: 'an object with the columns as properties',
      actual: value,
      cure: 'Give `toRow`.',
    })
  }
  const own = columns.filter((column) => Object.hasOwn(value, column))
  const properties = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(own.map((column) => [column, sqliteValue(column, properties[column])]))
}

function sqliteValue(column: string, value: unknown): SqliteValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string') {
    return value
  }
  if (value instanceof Uint8Array) return value
  throw new ArgumentError({
    field: `value.${column}`,
    expected: 'something that a column can hold',
    actual: value,
    cure: 'Give `toRow`.',
  })
}
