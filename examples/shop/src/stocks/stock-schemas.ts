import { instant, priceCents } from '../server/schema-parts.ts'

const symbol = {
  type: 'string',
  pattern: '^[A-Z][A-Z0-9.]{0,9}$',
  description: 'Of the exchange, for instance `ACME`',
} as const

export const symbolParams = {
  type: 'object',
  properties: { symbol },
  required: ['symbol'],
} as const

const stock = {
  $id: 'Stock',
  type: 'object',
  properties: { symbol, company: { type: 'string' }, priceCents, updatedAt: instant },
  required: ['symbol', 'company', 'priceCents', 'updatedAt'],
} as const

const stockPrice = {
  $id: 'StockPrice',
  type: 'object',
  properties: { priceCents },
  required: ['priceCents'],
  additionalProperties: false,
} as const

const stockPrices = {
  $id: 'StockPrices',
  type: 'object',
  properties: {
    prices: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: {
        type: 'object',
        properties: { symbol, priceCents },
        required: ['symbol', 'priceCents'],
        additionalProperties: false,
      },
    },
  },
  required: ['prices'],
  additionalProperties: false,
} as const

export const STOCK_SCHEMAS = [stock, stockPrice, stockPrices]
