import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { listQuery } from '../server/api-schemas.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import type { Catalogue } from './catalogue.ts'
import { type ListQuery, listKey } from './list-key.ts'

/** Pages of products, of all categories or of one. A page behind the last one is empty. */
export function productListRoutes(app: FastifyInstance, { lists }: Catalogue): void {
  app.get<{ Querystring: ListQuery }>('/products', { schema: listing }, ({ query }, reply) =>
    answerOne(reply, { field: 'page', message: 'There is no such page.' }, () =>
      lists.read(listKey(query)),
    ),
  )
}

const listing = {
  tags: ['products'],
  summary: 'A page of 20 products, in the order of their ids',
  querystring: listQuery,
  response: { 200: oneResource('ProductList', 'The page'), ...problems(400, 503) },
}
