/** Fills an empty `source.db`; called once by `open-source.ts` at every start. */

import type { SqliteDatabase } from 'tiercel/sqlite'
import { sampleRows } from './sample-rows.ts'
import { INDEXES, TABLES, TRIGGERS } from './schema.ts'

/** Rows travel as JSON text, this many in one statement, which is far quicker than one by one. */
const ROWS_IN_A_STATEMENT = 10_000

interface Statement {
  readonly sql: string
  readonly params?: readonly (string | number)[]
}

/**
 * Makes the tables and `products` products with all that belongs to them, unless that was done.
 *
 * All of it is one transaction that ends with a row in `seeding`: a process that dies in the middle
 * leaves an empty file, and the next start begins again.
 */
export async function seed(database: SqliteDatabase, products: number): Promise<void> {
  if (await isSeeded(database)) return
  try {
    await database.transaction(seeding(products))
  } catch (error) {
    // Another process that was started at the same time has done it meanwhile.
    if (!(await isSeeded(database))) throw error
  }
}

function seeding(products: number): readonly Statement[] {
  return [
    ...TABLES.map((sql) => ({ sql })),
    ...rowStatements(products),
    ...INDEXES.map((sql) => ({ sql })),
    ...TRIGGERS.map((sql) => ({ sql })),
    {
      sql: "INSERT INTO counters (name, next) VALUES ('product', ?)",
      params: [products + 1],
    },
    {
      sql: 'INSERT INTO seeding (products, finishedAt) VALUES (?, ?)',
      params: [products, Date.now()],
    },
  ]
}

async function isSeeded(database: SqliteDatabase): Promise<boolean> {
  const tables = await database.all(
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'seeding'",
  )
  if (tables.length === 0) return false
  return (await database.all('SELECT 1 FROM seeding')).length > 0
}

function rowStatements(products: number): Statement[] {
  const rows = sampleRows(products)
  const tables = {
    products: [
      'id',
      'name',
      'category',
      'description',
      'priceCents',
      'sold',
      'revision',
      'updatedAt',
      'fingerprint',
    ],
    reviews: ['productId', 'rating', 'author', 'text', 'createdAt'],
    inventory: ['productId', 'stock', 'warehouse'],
    prices: ['productId', 'priceCents', 'since'],
  } as const
  return [
    ...insertions('products', tables.products, rows.products),
    ...insertions('reviews', tables.reviews, rows.reviews),
    ...insertions('inventory', tables.inventory, rows.inventory),
    ...insertions('prices', tables.prices, rows.prices),
  ]
}

function insertions(
  table: string,
  columns: readonly string[],
  rows: readonly object[],
): Statement[] {
  const fields = columns.map((column) => `value ->> '${column}'`).join(', ')
  const sql = `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${fields} FROM json_each(?)`
  const statements: Statement[] = []
  for (let from = 0; from < rows.length; from += ROWS_IN_A_STATEMENT) {
    const part = rows.slice(from, from + ROWS_IN_A_STATEMENT)
    statements.push({ sql, params: [JSON.stringify(part)] })
  }
  return statements
}
