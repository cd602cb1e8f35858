/** Where the source keeps what is reserved, and who takes it from the stock. */

import type { ServiceTables } from '../database/service-tables.ts'

/** What the database says where a change would leave less than nothing. */
export const NOT_ENOUGH = 'not enough in stock'

/**
 * A change of the stock is one row, and the row takes its quantity by itself: a process that dies has
 * done both or neither, and of two that want the last piece the database lets one through.
 *
 * The id is the caller's: asked again, the row is there already, and nothing is taken twice.
 */
export const INVENTORY_TABLES: ServiceTables = {
  counter: 'inventoryChange',
  nextId: 1,
  tables: ({ whole }) => [
    `ALTER TABLE inventory ADD COLUMN reserved ${whole} NOT NULL DEFAULT 0`,
    `CREATE TABLE "inventoryChanges" (
      id TEXT PRIMARY KEY,
      "productId" ${whole} NOT NULL,
      quantity ${whole} NOT NULL,
      "changedAt" ${whole} NOT NULL
    )`,
  ],
  samples: () => [],
  finish: [],
  triggers: [
    {
      name: 'inventoryChanged',
      table: '"inventoryChanges"',
      update: `UPDATE inventory SET stock = stock - new.quantity, reserved = reserved + new.quantity
        WHERE "productId" = new."productId"
          AND stock >= new.quantity AND reserved + new.quantity >= 0`,
      refusal: NOT_ENOUGH,
    },
  ],
}
