/** What goes in and out of the routes of orders, as JSON Schema. */

import { id, instant } from '../server/schema-parts.ts'

const quantity = { type: 'integer', minimum: 1, maximum: 100 } as const
const cents = { type: 'integer', minimum: 0 } as const

export const orderIdParams = {
  type: 'object',
  properties: { id: { ...id, description: 'Id of the order' } },
  required: ['id'],
} as const

export const ORDER_SCHEMAS = [
  {
    $id: 'OrderDraft',
    type: 'object',
    properties: {
      userId: id,
      items: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        items: {
          type: 'object',
          properties: { productId: id, quantity },
          required: ['productId', 'quantity'],
          additionalProperties: false,
        },
      },
    },
    required: ['userId', 'items'],
    additionalProperties: false,
  },
  {
    $id: 'Order',
    type: 'object',
    properties: {
      id,
      userId: id,
      createdAt: instant,
      totalCents: cents,
      lines: {
        type: 'array',
        description: 'In the order of the products',
        items: {
          type: 'object',
          properties: {
            productId: id,
            name: { type: 'string', description: 'As it was called then' },
            quantity: { type: 'integer', minimum: 1 },
            priceCents: { ...cents, description: 'Of one piece, as it was then' },
          },
          required: ['productId', 'name', 'quantity', 'priceCents'],
        },
      },
    },
    required: ['id', 'userId', 'createdAt', 'totalCents', 'lines'],
  },
] as const
