import type { FastifyInstance } from 'fastify'
import { answerOne } from '../answer-one.ts'
import { productIdParams } from '../api-schemas.ts'
import type { Catalogue } from '../catalogue.ts'
import { oneResource, problems } from '../describe-answer.ts'
import { noProduct } from '../no-product.ts'

/** What is in stock. */
export function inventoryRoutes(app: FastifyInstance, { inventory }: Catalogue): void {
  app.get<{ Params: { readonly productId: number } }>(
    '/inventory/:productId',
    { schema: reading },
    ({ params: { productId } }, reply) =>
      answerOne(reply, noProduct('productId', productId), () => inventory.read(productId)),
  )
}

const reading = {
  tags: ['inventory'],
  summary: 'The stock of a product, at most three minutes old',
  params: productIdParams,
  response: { 200: oneResource('Inventory', 'The stock'), ...problems(400, 404, 503) },
}
