/**
 * What goes in and out of the API, as JSON Schema: it checks requests, writes answers and stands in
 * the OpenAPI description.
 */

import type { FastifyInstance } from 'fastify'
import { DOCUMENT_SCHEMAS } from '../documents/document-schemas.ts'
import { FEED_SCHEMAS } from '../feed/feed-schemas.ts'
import { INVENTORY_SCHEMAS } from '../inventory/inventory-schemas.ts'
import { ORDER_SCHEMAS } from '../orders/order-schemas.ts'
import { CATEGORIES } from '../products/product.ts'
import { STOCK_SCHEMAS } from '../stocks/stock-schemas.ts'
import { USER_SCHEMAS } from '../users/user-schemas.ts'
import { id, instant, page, priceCents } from './schema-parts.ts'

const category = { type: 'string', enum: CATEGORIES } as const

const draft = {
  name: { type: 'string', format: 'one line of text', maxLength: 120 },
  category,
  description: { type: 'string', format: 'plain text', maxLength: 2_000, default: '' },
  priceCents,
} as const

/** Texts that neither a terminal nor a database would take badly. */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'one line of text': (text) => /\S/.test(text) && !/\p{Cc}/u.test(text) && text.isWellFormed(),
  'plain text': (text) => !/[^\P{Cc}\n\t]/u.test(text) && text.isWellFormed(),
}

export const idParams = {
  type: 'object',
  properties: { id: { ...id, description: 'Id of the product' } },
  required: ['id'],
} as const

export const writeIdParams = {
  type: 'object',
  properties: { writeId: { type: 'string', description: 'From the receipt of a change' } },
  required: ['writeId'],
} as const

export const productIdParams = {
  type: 'object',
  properties: { productId: { ...id, description: 'Id of the product' } },
  required: ['productId'],
} as const

export const userIdParams = {
  type: 'object',
  properties: { id: { ...id, description: 'Id of the user' } },
  required: ['id'],
} as const

export const pageQuery = {
  type: 'object',
  properties: { page },
  additionalProperties: false,
} as const

export const listQuery = {
  type: 'object',
  properties: {
    page,
    category,
  },
  additionalProperties: false,
} as const

/** The body of a new or changed product. */
const productDraft = {
  $id: 'ProductDraft',
  type: 'object',
  properties: draft,
  required: ['name', 'category', 'priceCents'],
  additionalProperties: false,
} as const

const product = {
  $id: 'Product',
  type: 'object',
  properties: {
    id,
    ...draft,
    sold: { type: 'integer', minimum: 0 },
    revision: { type: 'integer', minimum: 1, description: 'One more with each change' },
    updatedAt: instant,
    fingerprint: { type: 'string', description: 'Digest of all other fields' },
  },
  required: [
    'id',
    'name',
    'category',
    'description',
    'priceCents',
    'sold',
    'revision',
    'updatedAt',
    'fingerprint',
  ],
} as const

const productList = {
  $id: 'ProductList',
  type: 'object',
  properties: {
    page: { type: 'integer' },
    pageSize: { type: 'integer' },
    total: { type: 'integer', description: 'Of all pages together' },
    items: { type: 'array', items: { $ref: 'Product#' } },
  },
  required: ['page', 'pageSize', 'total', 'items'],
} as const

const reviews = {
  $id: 'Reviews',
  type: 'object',
  properties: {
    productId: id,
    count: { type: 'integer' },
    averageRating: { type: 'number' },
    latest: {
      type: 'array',
      description: 'Newest first',
      items: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          rating: { type: 'integer', minimum: 1, maximum: 5 },
          author: { type: 'string' },
          text: { type: 'string' },
          createdAt: instant,
        },
        required: ['id', 'rating', 'author', 'text', 'createdAt'],
      },
    },
  },
  required: ['productId', 'count', 'averageRating', 'latest'],
} as const

const priceHistory = {
  $id: 'PriceHistory',
  type: 'array',
  description: 'Newest first',
  items: {
    type: 'object',
    properties: { priceCents, since: instant },
    required: ['priceCents', 'since'],
  },
} as const

const productDetails = {
  $id: 'ProductDetails',
  type: 'object',
  properties: {
    product: { $ref: 'Product#' },
    reviews: { $ref: 'Reviews#' },
    inventory: { $ref: 'Inventory#' },
    priceHistory: { $ref: 'PriceHistory#' },
    featured: { type: 'array', items: { $ref: 'Product#' } },
  },
  required: ['product', 'reviews', 'inventory', 'priceHistory', 'featured'],
} as const

const writeReceipt = {
  $id: 'WriteReceipt',
  type: 'object',
  properties: {
    id: { type: 'string', description: 'Under `/writes/`, what has become of the change' },
    durability: {
      type: 'string',
      description:
        'What the change survives: `memory` a killed shop, `appended` a killed Redis, `fsynced` a power cut',
    },
  },
  required: ['id', 'durability'],
} as const

const write = {
  $id: 'Write',
  type: 'object',
  properties: {
    id: { type: 'string' },
    state: {
      type: 'string',
      enum: ['queued', 'inflight', 'applied', 'superseded', 'dead', 'unknown'],
      description: '`superseded`: a later change of the product has taken its place',
    },
  },
  required: ['id', 'state'],
} as const

const deadLetters = {
  $id: 'DeadLetters',
  type: 'object',
  properties: {
    total: { type: 'integer' },
    items: {
      type: 'array',
      description: 'The first hundred, in no order',
      items: {
        type: 'object',
        properties: {
          productId: id,
          error: { type: 'string', description: 'In the words of the source' },
          attempts: { type: 'integer' },
          diedAt: instant,
          writeId: { type: 'string' },
          product: { $ref: 'Product#', description: 'As it was to be' },
        },
        required: ['productId', 'error', 'attempts', 'diedAt', 'writeId'],
      },
    },
  },
  required: ['total', 'items'],
} as const

const problem = {
  $id: 'Problem',
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        field: { type: 'string', description: 'What to look at: a parameter or a member' },
        message: { type: 'string' },
      },
      required: ['field', 'message'],
    },
  },
  required: ['error'],
} as const

export function addSchemas(app: FastifyInstance): void {
  const shared = [
    productDraft,
    product,
    productList,
    reviews,
    priceHistory,
    productDetails,
    writeReceipt,
    write,
    deadLetters,
    problem,
    ...INVENTORY_SCHEMAS,
    ...USER_SCHEMAS,
    ...ORDER_SCHEMAS,
    ...STOCK_SCHEMAS,
    ...DOCUMENT_SCHEMAS,
    ...FEED_SCHEMAS,
  ]
  for (const schema of shared) app.addSchema(schema)
}
