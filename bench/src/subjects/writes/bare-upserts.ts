/** Upserts into PostgreSQL without a cache: one row a statement, and whole batches. */

import type { Item } from '../item.ts'
import { type DriverName, openPostgres } from './postgres-driver.ts'
import type { Writer } from './writer.ts'
import { changedItem, columns, createStatement, upsertStatement } from './written-table.ts'

export interface BareUpserts extends Writer {
  /** One statement. */
  readonly writeAll: (items: readonly Item[]) => Promise<unknown>
}

// postgres.js takes an array of booleans for a boolean.
const types = ['int', 'text', 'text', 'int', 'int']

/** Prepared, on at most so many `connections`. */
export async function openBareUpserts(
  url: string,
  { name, table, connections }: { name: DriverName; table: string; connections: number },
): Promise<BareUpserts> {
  const driver = openPostgres(url, name, connections)
  await driver.ask(createStatement(table), [])
  const places = columns.map((_, at) => `$${at + 1}`)
  const one = upsertStatement(table, `VALUES (${places.join(', ')})`)
  const arrays = types.map((type, at) => `$${at + 1}::${type}[]`)
  const many = upsertStatement(
    table,
    `SELECT a, b, c, d, e::bool FROM unnest(${arrays.join(', ')}) AS r(a, b, c, d, e)`,
  )
  return {
    write: (id, turn) => {
      const row = changedItem(id, turn)
      return driver.prepared(
        one,
        columns.map((column) => row[column]),
      )
    },
    writeAll: (items) =>
      driver.prepared(
        many,
        columns.map((column) =>
          items.map((item) => (column === 'available' ? Number(item[column]) : item[column])),
        ),
      ),
    close: driver.close,
  }
}
