/** What goes in and out of the inventory's routes, as JSON Schema. */

import { id as productId } from '../server/schema-parts.ts'

const quantity = { type: 'integer', minimum: 1, maximum: 1_000 } as const
const request = {
  type: 'string',
  pattern: '^[\\w.:-]{1,64}$',
  description: 'A name for this request: sent again with it, it is carried out once',
} as const

const stock = {
  productId,
  stock: { type: 'integer', minimum: 0, description: 'To be had' },
  reserved: { type: 'integer', minimum: 0, description: 'Taken from the stock, and not yet sold' },
  warehouse: { type: 'string' },
} as const

export const INVENTORY_SCHEMAS = [
  {
    $id: 'Inventory',
    type: 'object',
    properties: stock,
    required: ['productId', 'stock', 'reserved', 'warehouse'],
  },
  {
    $id: 'InventoryRequest',
    type: 'object',
    properties: { quantity, request },
    required: ['quantity'],
    additionalProperties: false,
  },
  {
    $id: 'ChangedInventory',
    type: 'object',
    properties: { ...stock, request, quantity },
    required: ['productId', 'stock', 'reserved', 'warehouse', 'request', 'quantity'],
  },
] as const
