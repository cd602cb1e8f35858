import { COLUMNS, type ColumnTypes, peopleTablesOf, type Schema, tablesOf } from './schema.ts'

const TYPES: ColumnTypes = { whole: 'INTEGER', givenId: 'INTEGER' }

export const SQLITE_SCHEMA: Schema = {
  seedingIsThere: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'seeding'",
  tables: tablesOf(TYPES),
  peopleTables: peopleTablesOf(TYPES),
  triggers: [
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
  ],
  insertion(table) {
    const fields = COLUMNS[table].map((column) => `value ->> '${column.replaceAll('"', '')}'`)
    return `INSERT INTO ${table} (${COLUMNS[table].join(', ')})
      SELECT ${fields.join(', ')} FROM json_each($1)`
  },
}
