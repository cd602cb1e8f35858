import type { ServiceTables } from '../database/service-tables.ts'
import { NOT_ENOUGH } from '../inventory/inventory-tables.ts'

/** A line takes what it sells from the stock by itself: an order without stock cannot be stored. */
export const ORDER_TABLES: ServiceTables = {
  counter: 'order',
  nextId: 1,
  tables: ({ whole }) => [
    `CREATE TABLE orders (
      id ${whole} PRIMARY KEY,
      "userId" ${whole} NOT NULL,
      "createdAt" ${whole} NOT NULL,
      "totalCents" ${whole} NOT NULL
    )`,
    `CREATE TABLE "orderLines" (
      "orderId" ${whole} NOT NULL REFERENCES orders (id),
      "productId" ${whole} NOT NULL,
      name TEXT NOT NULL,
      quantity ${whole} NOT NULL,
      "priceCents" ${whole} NOT NULL,
      PRIMARY KEY ("orderId", "productId")
    )`,
  ],
  samples: () => [],
  finish: ['CREATE INDEX "ordersByUser" ON orders ("userId", id)'],
  triggers: [
    {
      name: 'orderLineStored',
      table: '"orderLines"',
      update: `UPDATE inventory SET stock = stock - new.quantity
        WHERE "productId" = new."productId" AND stock >= new.quantity`,
      refusal: NOT_ENOUGH,
    },
  ],
}
