import { type ColumnTypes, peopleTablesOf, type Schema, tablesOf } from './schema.ts'

const TYPES: ColumnTypes = { whole: 'BIGINT', givenId: 'BIGINT GENERATED ALWAYS AS IDENTITY' }

export const POSTGRES_SCHEMA: Schema = {
  seedingIsThere: "SELECT 1 WHERE to_regclass('seeding') IS NOT NULL",
  types: TYPES,
  tables: tablesOf(TYPES),
  peopleTables: peopleTablesOf(TYPES),
  triggers: [
    `CREATE FUNCTION product_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF TG_OP = 'INSERT' THEN
        INSERT INTO inventory ("productId", stock, warehouse) VALUES (NEW.id, 0, 'north');
      END IF;
      INSERT INTO prices ("productId", "priceCents", since)
        VALUES (NEW.id, NEW."priceCents", NEW."updatedAt");
      RETURN NULL;
    END $$`,
    `CREATE FUNCTION product_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM reviews WHERE "productId" = OLD.id;
      DELETE FROM inventory WHERE "productId" = OLD.id;
      DELETE FROM prices WHERE "productId" = OLD.id;
      RETURN NULL;
    END $$`,
    `CREATE TRIGGER product_created AFTER INSERT ON products
      FOR EACH ROW EXECUTE FUNCTION product_written()`,
    `CREATE TRIGGER price_changed AFTER UPDATE ON products
      FOR EACH ROW WHEN (NEW."priceCents" <> OLD."priceCents") EXECUTE FUNCTION product_written()`,
    `CREATE TRIGGER product_removed AFTER DELETE ON products
      FOR EACH ROW EXECUTE FUNCTION product_removed()`,
  ],
  // The statement waits for whoever changes the same row, and then looks at what that one has left.
  trigger: ({ name, table, update, refusal }) => [
    `CREATE FUNCTION "${name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      ${update};
      IF NOT FOUND THEN RAISE EXCEPTION '${refusal}'; END IF;
      RETURN NULL;
    END $$`,
    `CREATE TRIGGER "${name}" AFTER INSERT ON ${table}
      FOR EACH ROW EXECUTE FUNCTION "${name}"()`,
  ],
  insertion(table, columns) {
    const listed = columns.join(', ')
    return `INSERT INTO ${table} (${listed})
      SELECT ${listed} FROM json_populate_recordset(NULL::${table}, $1::json)`
  },
}
