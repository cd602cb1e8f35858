import { ArgumentError } from '../contracts/errors.ts'
import type { PostgresRow } from './postgres-like.ts'
import type { RowCells } from './row-json.ts'

/**
 * The columns of a value object: its own properties that are columns, others are left out.
 * `postgresTable` writes this where no `toRow` is given.
 *
 * @throws ArgumentError for what is no object.
 */
export function rowOfValue(value: unknown, columns: readonly string[]): RowCells {
  if (typeof value !== 'object' || value === null) {
    throw new ArgumentError({
      field: 'value',
      expected: 'an object with the columns as properties',
      actual: value,
      cure: 'Give `toRow`.',
    })
  }
  const properties = value as PostgresRow
  const names = columns.filter((column) => Object.hasOwn(properties, column))
  return { names, values: names.map((name) => properties[name]) }
}
