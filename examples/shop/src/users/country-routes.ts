import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import { COUNTRIES, type Customers } from './customers.ts'

/** Where the shop delivers to. */
export function countryRoutes(app: FastifyInstance, { countries }: Customers): void {
  app.get('/countries', { schema: listing }, (_, reply) =>
    answerOne(reply, { field: 'path', message: 'The shop delivers nowhere.' }, () =>
      countries.read(COUNTRIES),
    ),
  )
}

const listing = {
  tags: ['users'],
  summary: 'Where the shop delivers to, in the order of their names',
  response: { 200: oneResource('Countries', 'The countries'), ...problems(503) },
}
