/** The tables of the source, as statements that `seed.ts` runs once. */

/** What SQLite and PostgreSQL say differently. */
export interface Schema {
  /** Answers a row if there is a table `seeding`. */
  readonly seedingIsThere: string
  readonly types: ColumnTypes
  readonly tables: readonly string[]
  /** Of users and countries, which came to the shop later. */
  readonly peopleTables: readonly string[]
  /**
   * What belongs to a product comes, changes and goes in the same commit as the product, whoever
   * writes it. They are made after the rows, which bring their own stock and prices.
   */
  readonly triggers: readonly string[]
  readonly trigger: (trigger: InsertTrigger) => readonly string[]
  /** Inserts many rows, which travel as the one parameter, a JSON array. */
  readonly insertion: (table: string, columns: readonly string[]) => string
}

/** What each new row of a table does besides, in the same commit, whoever inserts it. */
export interface InsertTrigger {
  readonly name: string
  readonly table: string
  /** One statement, in which the row is called `new`. */
  readonly update: string
  /** What the insertion fails with where the statement finds nothing to change. */
  readonly refusal: string
}

export type TableName = keyof typeof COLUMNS

/** Of the rows that a new shop begins with, quoted. */
export const COLUMNS = {
  products: [
    'id',
    'name',
    'category',
    'description',
    '"priceCents"',
    'sold',
    'revision',
    '"updatedAt"',
    'fingerprint',
  ],
  reviews: ['"productId"', 'rating', 'author', 'text', '"createdAt"'],
  inventory: ['"productId"', 'stock', 'warehouse'],
  prices: ['"productId"', '"priceCents"', 'since'],
  countries: ['code', 'name'],
  users: ['id', 'name', '"countryCode"', '"registeredAt"', '"lastLoginAt"'],
} as const

/** Of whole numbers, and of ids that the database gives. */
export interface ColumnTypes {
  readonly whole: string
  readonly givenId: string
}

/** Columns are spelled like the fields of the API, so that rows are values as they are. */
export function tablesOf({ whole, givenId }: ColumnTypes): readonly string[] {
  return [
    `CREATE TABLE seeding (products ${whole} NOT NULL, "finishedAt" ${whole} NOT NULL)`,
    `CREATE TABLE counters (name TEXT PRIMARY KEY, next ${whole} NOT NULL)`,
    `CREATE TABLE products (
      id ${whole} PRIMARY KEY,
      name TEXT NOT NULL,
      category TEXT NOT NULL,
      description TEXT NOT NULL,
      "priceCents" ${whole} NOT NULL,
      sold ${whole} NOT NULL,
      revision ${whole} NOT NULL,
      "updatedAt" ${whole} NOT NULL,
      fingerprint TEXT NOT NULL
    )`,
    `CREATE TABLE reviews (
      id ${givenId} PRIMARY KEY,
      "productId" ${whole} NOT NULL,
      rating ${whole} NOT NULL,
      author TEXT NOT NULL,
      text TEXT NOT NULL,
      "createdAt" ${whole} NOT NULL
    )`,
    `CREATE TABLE inventory (
      "productId" ${whole} PRIMARY KEY,
      stock ${whole} NOT NULL,
      warehouse TEXT NOT NULL
    )`,
    `CREATE TABLE prices (
      id ${givenId} PRIMARY KEY,
      "productId" ${whole} NOT NULL,
      "priceCents" ${whole} NOT NULL,
      since ${whole} NOT NULL
    )`,
  ]
}

export function peopleTablesOf({ whole }: ColumnTypes): readonly string[] {
  return [
    'CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL)',
    `CREATE TABLE users (
      id ${whole} PRIMARY KEY,
      name TEXT NOT NULL,
      "countryCode" TEXT NOT NULL REFERENCES countries (code),
      "registeredAt" ${whole} NOT NULL,
      "lastLoginAt" ${whole} NOT NULL
    )`,
  ]
}

/** Made after the rows: filling an index once is quicker than keeping it while they arrive. */
export const INDEXES: readonly string[] = [
  'CREATE INDEX "productsByCategory" ON products (category, id)',
  'CREATE INDEX "productsBySales" ON products (sold)',
  'CREATE INDEX "reviewsByProduct" ON reviews ("productId", "createdAt")',
  'CREATE INDEX "pricesByProduct" ON prices ("productId", since)',
]

export const PEOPLE_INDEXES: readonly string[] = [
  'CREATE INDEX "usersByLogin" ON users ("lastLoginAt")',
]
