import { type ColumnTypes, peopleTablesOf, type Schema, tablesOf } from './schema.ts'

const TYPES: ColumnTypes = { whole: 'INTEGER', givenId: 'INTEGER' }

export const SQLITE_SCHEMA: Schema = {
  seedingIsThere: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'seeding'",
  types: TYPES,
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
  trigger: ({ name, table, update, refusal }) => [
    `CREATE TRIGGER "${name}" AFTER INSERT ON ${table} BEGIN
      ${update};
      SELECT RAISE(ABORT, '${refusal}') WHERE changes() = 0;
    END`,
  ],
  insertion(table, columns) {
    const fields = columns.map((column) => `value ->> '${column.replaceAll('"', '')}'`)
    return `INSERT INTO ${table} (${columns.join(', ')})
      SELECT ${fields.join(', ')} FROM json_each($1)`
  },
}
