/** Fills an empty source; called once by `open-source.ts` at every start. */

import { DOCUMENT_TABLES } from '../documents/document-tables.ts'
import { FEED_TABLES } from '../feed/feed-tables.ts'
import { INVENTORY_TABLES } from '../inventory/inventory-tables.ts'
import { ORDER_TABLES } from '../orders/order-tables.ts'
import { STOCK_PRICE_TABLES } from '../stocks/stock-price-tables.ts'
import { samplePeople } from './sample-people.ts'
import { sampleRows } from './sample-rows.ts'
import { COLUMNS, INDEXES, PEOPLE_INDEXES, type Schema, type TableName } from './schema.ts'
import type { SampleTable, ServiceTables } from './service-tables.ts'
import type { Source, SourceStatement } from './source.ts'

const PRODUCT_TABLES = ['products', 'reviews', 'inventory', 'prices'] as const
/** A user needs a country. */
const PEOPLE_TABLES = ['countries', 'users'] as const

/** Those that came to the shop later, each with its own tables. */
const SERVICES: readonly ServiceTables[] = [
  STOCK_PRICE_TABLES,
  DOCUMENT_TABLES,
  FEED_TABLES,
  INVENTORY_TABLES,
  ORDER_TABLES,
]

/** Rows travel as JSON text, this many in one statement, which is far quicker than one by one. */
const ROWS_IN_A_STATEMENT = 10_000

/**
 * Makes the tables, `products` products with all that belongs to them, and the users, unless that was
 * done. A shop of before there were users, or another service, gets them now.
 *
 * Each of them is one transaction that ends with a mark: a process that dies in the middle leaves
 * nothing, and the next start begins again.
 */
export async function seed(source: Source, products: number): Promise<void> {
  await fill(source, hasProducts, () => productSeeding(source.schema, products))
  await fill(
    source,
    (from) => hasCounter(from, 'user'),
    () => peopleSeeding(source.schema),
  )
  for (const service of SERVICES) {
    const isDone = (from: Source) => hasCounter(from, service.counter)
    await fill(source, isDone, () => serviceSeeding(source.schema, service))
  }
}

async function fill(
  source: Source,
  isDone: (source: Source) => Promise<boolean>,
  statements: () => readonly SourceStatement[],
): Promise<void> {
  if (await isDone(source)) return
  try {
    await source.transaction(statements())
  } catch (error) {
    // Another process that was started at the same time has done it meanwhile.
    if (!(await isDone(source))) throw error
  }
}

function productSeeding(schema: Schema, products: number): readonly SourceStatement[] {
  return [
    ...schema.tables.map((sql) => ({ sql })),
    ...rowStatements(schema, sampleRows(products), PRODUCT_TABLES),
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

function peopleSeeding(schema: Schema): readonly SourceStatement[] {
  const people = samplePeople()
  return [
    ...schema.peopleTables.map((sql) => ({ sql })),
    ...rowStatements(schema, people, PEOPLE_TABLES),
    ...PEOPLE_INDEXES.map((sql) => ({ sql })),
    {
      sql: "INSERT INTO counters (name, next) VALUES ('user', $1)",
      params: [people.users.length + 1],
    },
  ]
}

function serviceSeeding(schema: Schema, service: ServiceTables): readonly SourceStatement[] {
  return [
    ...service.tables(schema.types).map((sql) => ({ sql })),
    ...service.samples().flatMap((sample) => insertions(schema, sample)),
    ...service.finish.map((sql) => ({ sql })),
    ...(service.triggers ?? []).flatMap(schema.trigger).map((sql) => ({ sql })),
    {
      sql: 'INSERT INTO counters (name, next) VALUES ($1, $2)',
      params: [service.counter, service.nextId],
    },
  ]
}

async function hasProducts(source: Source): Promise<boolean> {
  if ((await source.all(source.schema.seedingIsThere)).length === 0) return false
  return (await source.all('SELECT 1 FROM seeding')).length > 0
}

async function hasCounter(source: Source, name: string): Promise<boolean> {
  return (await source.all('SELECT 1 FROM counters WHERE name = $1', [name])).length > 0
}

function rowStatements<Table extends TableName>(
  schema: Schema,
  rows: Readonly<Record<Table, readonly object[]>>,
  tables: readonly Table[],
): SourceStatement[] {
  return tables.flatMap((table) =>
    insertions(schema, { table, columns: COLUMNS[table], rows: rows[table] }),
  )
}

function insertions(
  schema: Schema,
  { table, columns, rows }: SampleTable,
): readonly SourceStatement[] {
  const sql = schema.insertion(table, columns)
  const statements: SourceStatement[] = []
  for (let from = 0; from < rows.length; from += ROWS_IN_A_STATEMENT) {
    const part = rows.slice(from, from + ROWS_IN_A_STATEMENT)
    statements.push({ sql, params: [JSON.stringify(part)] })
  }
  return statements
}
