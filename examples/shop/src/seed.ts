/** Fills an empty source; called once by `open-source.ts` at every start. */

import { sampleRows } from './sample-rows.ts'
import { INDEXES, type Schema, type TableName } from './schema.ts'
import type { Source, SourceStatement } from './source.ts'

/** Rows travel as JSON text, this many in one statement, which is far quicker than one by one. */
const ROWS_IN_A_STATEMENT = 10_000

/**
 * Makes the tables and `products` products with all that belongs to them, unless that was done.
 *
 * All of it is one transaction that ends with a row in `seeding`: a process that dies in the middle
 * leaves nothing, and the next start begins again.
 */
export async function seed(source: Source, products: number): Promise<void> {
  if (await isSeeded(source)) return
  try {
    await source.transaction(seeding(source.schema, products))
  } catch (error) {
    // Another process that was started at the same time has done it meanwhile.
    if (!(await isSeeded(source))) throw error
  }
}

function seeding(schema: Schema, products: number): readonly SourceStatement[] {
  return [
    ...schema.tables.map((sql) => ({ sql })),
    ...rowStatements(schema, products),
    ...INDEXES.map((sql) => ({ sql })),
    ...schema.triggers.map((sql) => ({ sql })),
    {
      sql: "INSERT INTO counters (name, next) VALUES ('product', $1)",
      params: [products + 1],
    },
    {
      sql: 'INSERT INTO seeding (products, "finishedAt") VALUES ($1, $2)',
      params: [products, Date.now()],
    },
  ]
}

async function isSeeded(source: Source): Promise<boolean> {
  if ((await source.all(source.schema.seedingIsThere)).length === 0) return false
  return (await source.all('SELECT 1 FROM seeding')).length > 0
}

function rowStatements(schema: Schema, products: number): SourceStatement[] {
  const rows = sampleRows(products)
  return (['products', 'reviews', 'inventory', 'prices'] as const).flatMap((table) =>
    insertions(schema, table, rows[table]),
  )
}

function insertions(
  schema: Schema,
  table: TableName,
  rows: readonly object[],
): readonly SourceStatement[] {
  const sql = schema.insertion(table)
  const statements: SourceStatement[] = []
  for (let from = 0; from < rows.length; from += ROWS_IN_A_STATEMENT) {
    const part = rows.slice(from, from + ROWS_IN_A_STATEMENT)
    statements.push({ sql, params: [JSON.stringify(part)] })
  }
  return statements
}
