import { ArgumentError } from '../contracts/errors.ts'
import type { PostgresRow } from './postgres-like.ts'

/**
 * The columns of a value object: its own properties that are columns, others are left out.
 * `postgresTable` writes this where no `toRow` is given.
 *
 * @throws ArgumentError for what is no object.
 */
export function rowOfValue(value: unknown, columns: readonly string[]): PostgresRow {
  if (typeof value !== 'object' || value === null) {
    throw new ArgumentError({
      field: 'value',
      expected: 'an object with the columns as properties',
      actual: value,
      cure: 'Give `toRow`.',
    })
  }
  const properties = value as PostgresRow
  const row: Record<string, unknown> = Object.create(null)
  for (const column of columns) {
    if (Object.hasOwn(value, column)) row[column] = properties[column]
  }
  return row
}
