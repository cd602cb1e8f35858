/** What is in stock: looked at, reserved and given back. */

import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Catalogue } from '../products/catalogue.ts'
import { noProduct } from '../products/no-product.ts'
import { answerOne, type OneResource } from '../server/answer-one.ts'
import { answerWritten } from '../server/answer-written.ts'
import { productIdParams } from '../server/api-schemas.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import type { InventoryRequest } from './inventory-change.ts'
import type { ChangedInventory, InventoryWrites } from './inventory-writes.ts'

interface OfProduct {
  Params: { readonly productId: number }
}

interface WithQuantity extends OfProduct {
  Body: InventoryRequest
}

const TAGS = ['inventory']

export function inventoryRoutes(
  app: FastifyInstance,
  { inventory }: Catalogue,
  stock: InventoryWrites,
): void {
  app.get<OfProduct>(
    '/inventory/:productId',
    { schema: reading },
    ({ params: { productId } }, reply) =>
      answerOne(reply, noProduct('productId', productId), () => inventory.read(productId)),
  )

  const change =
    (kind: 'reserve' | 'restore') =>
    (
      { params, body }: { params: OfProduct['Params']; body: InventoryRequest },
      reply: FastifyReply,
    ): Promise<OneResource<ChangedInventory>> =>
      answerWritten(reply, () => stock[kind](params.productId, body))

  app.post<WithQuantity>('/inventory/:productId/reserve', { schema: reserving }, change('reserve'))
  app.post<WithQuantity>('/inventory/:productId/restore', { schema: restoring }, change('restore'))
}

const reading = {
  tags: TAGS,
  summary: 'The stock of a product, at most three minutes old',
  params: productIdParams,
  response: { 200: oneResource('Inventory', 'The stock'), ...problems(400, 404, 503) },
}

const changing = {
  tags: TAGS,
  params: productIdParams,
  body: { $ref: 'InventoryRequest#' },
  response: {
    200: oneResource('ChangedInventory', 'The stock after it, as every instance now shows it'),
    ...problems(400, 404, 409, 413, 415, 503),
  },
}

const reserving = {
  ...changing,
  summary: 'Takes so many from the stock, all of them or none',
}

const restoring = {
  ...changing,
  summary: 'Puts so many of those that are reserved back into the stock',
}
