/** The rows that the suite `write` writes: the records of every benchmark, with a price that changes. */

import { type Item, item } from '../item.ts'

/** In the order of the places in statements. */
export const columns = ['id', 'name', 'description', 'priceCents', 'available'] as const

/** The record number `id` as the `turn`-th write leaves it. */
export function changedItem(id: number, turn: number): Item {
  return { ...item(id), priceCents: turn }
}

/** What both databases understand; each reads `boolean` its own way. */
export function createStatement(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (id integer PRIMARY KEY, name text NOT NULL,
    description text NOT NULL, "priceCents" integer NOT NULL, available boolean NOT NULL)`
}

/** `from`: the rows, as VALUES or as a SELECT of all columns. */
export function upsertStatement(table: string, from: string): string {
  const names = columns.map((name) => `"${name}"`)
  const replaced = names.slice(1).map((name) => `${name} = excluded.${name}`)
  return `INSERT INTO ${table} (${names.join(', ')}) ${from}
    ON CONFLICT (id) DO UPDATE SET ${replaced.join(', ')}`
}
