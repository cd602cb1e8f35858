import type { ServiceTables } from '../database/service-tables.ts'
import { sampleStocks } from './sample-stocks.ts'

export const STOCK_PRICE_TABLES: ServiceTables = {
  counter: 'stock',
  // Symbols are not given by the shop.
  nextId: 1,
  tables: ({ whole }) => [
    `CREATE TABLE stocks (
      symbol TEXT PRIMARY KEY,
      company TEXT NOT NULL,
      "priceCents" ${whole} NOT NULL,
      "updatedAt" ${whole} NOT NULL
    )`,
  ],
  samples: () => [
    {
      table: 'stocks',
      columns: ['symbol', 'company', '"priceCents"', '"updatedAt"'],
      rows: sampleStocks(),
    },
  ],
  finish: [],
}
