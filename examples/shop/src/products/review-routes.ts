import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { idParams } from '../server/api-schemas.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import type { Catalogue } from './catalogue.ts'
import { noProduct } from './no-product.ts'

/** What is said about a product. */
export function reviewRoutes(app: FastifyInstance, { reviews }: Catalogue): void {
  app.get<{ Params: { readonly id: number } }>(
    '/products/:id/reviews',
    { schema: reading },
    ({ params: { id } }, reply) => answerOne(reply, noProduct('id', id), () => reviews.read(id)),
  )
}

const reading = {
  tags: ['reviews'],
  summary: 'The reviews of a product: how many, how good, and the latest ten',
  params: idParams,
  response: { 200: oneResource('Reviews', 'The reviews'), ...problems(400, 404, 503) },
}
