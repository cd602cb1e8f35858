/** The tables of `source.db`, as statements that `seed.ts` runs once. */

/** Columns are spelled like the fields of the API, so that rows are values as they are. */
export const TABLES: readonly string[] = [
  'CREATE TABLE seeding (products INTEGER NOT NULL, finishedAt INTEGER NOT NULL)',
  'CREATE TABLE counters (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID',
  `CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    description TEXT NOT NULL,
    priceCents INTEGER NOT NULL,
    sold INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    updatedAt INTEGER NOT NULL,
    fingerprint TEXT NOT NULL
  )`,
  `CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    productId INTEGER NOT NULL,
    rating INTEGER NOT NULL,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    createdAt INTEGER NOT NULL
  )`,
  `CREATE TABLE inventory (
    productId INTEGER PRIMARY KEY,
    stock INTEGER NOT NULL,
    warehouse TEXT NOT NULL
  )`,
  `CREATE TABLE prices (
    id INTEGER PRIMARY KEY,
    productId INTEGER NOT NULL,
    priceCents INTEGER NOT NULL,
    since INTEGER NOT NULL
  )`,
]

/** Made after the rows: filling an index once is quicker than keeping it while they arrive. */
export const INDEXES: readonly string[] = [
  'CREATE INDEX productsByCategory ON products (category, id)',
  'CREATE INDEX productsBySales ON products (sold)',
  'CREATE INDEX reviewsByProduct ON reviews (productId, createdAt)',
  'CREATE INDEX pricesByProduct ON prices (productId, since)',
]

/**
 * What belongs to a product comes, changes and goes in the same commit as the product, whoever
 * writes it. They are made after the rows, which bring their own stock and prices.
 */
export const TRIGGERS: readonly string[] = [
  `CREATE TRIGGER productCreated AFTER INSERT ON products BEGIN
    INSERT INTO inventory (productId, stock, warehouse) VALUES (new.id, 0, 'north');
    INSERT INTO prices (productId, priceCents, since) VALUES (new.id, new.priceCents, new.updatedAt);
  END`,
  `CREATE TRIGGER priceChanged AFTER UPDATE OF priceCents ON products
  WHEN new.priceCents <> old.priceCents BEGIN
    INSERT INTO prices (productId, priceCents, since) VALUES (new.id, new.priceCents, new.updatedAt);
  END`,
  `CREATE TRIGGER productRemoved AFTER DELETE ON products BEGIN
    DELETE FROM reviews WHERE productId = old.id;
    DELETE FROM inventory WHERE productId = old.id;
    DELETE FROM prices WHERE productId = old.id;
  END`,
]
