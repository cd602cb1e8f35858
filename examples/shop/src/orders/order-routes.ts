/** Orders: given, confirmed, and the latest of a user. */

import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { answerWritten } from '../server/answer-written.ts'
import { userIdParams } from '../server/api-schemas.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import type { OrderDraft } from './order.ts'
import { orderIdParams } from './order-schemas.ts'
import type { OrderWrites } from './order-writes.ts'
import type { Orders } from './orders.ts'

interface ById {
  Params: { readonly id: number }
}

const TAGS = ['orders']

export function orderRoutes(
  app: FastifyInstance,
  { orders, latestOrders }: Orders,
  writes: OrderWrites,
): void {
  app.post<{ Body: OrderDraft }>(
    '/orders',
    { schema: creating, config: { user: 'body.userId' } },
    async ({ body }, reply) => {
      const answer = await answerWritten(reply, () => writes.create(body))
      return reply.code(201).header('location', `/orders/${answer.data.id}`).send(answer)
    },
  )

  app.get<ById>('/orders/:id', { schema: reading }, ({ params: { id } }, reply) =>
    answerOne(reply, { field: 'id', message: `There is no order ${id}.` }, () => orders.read(id)),
  )

  app.get<ById>(
    '/users/:id/latest-order',
    {
      schema: readingLatest,
      config: { user: 'params.id' },
    },
    ({ params: { id } }, reply) =>
      answerOne(reply, { field: 'id', message: `User ${id} has no order.` }, () =>
        latestOrders.read(id),
      ),
  )
}

const creating = {
  tags: TAGS,
  summary: 'A new order; takes its products from the stock, all of them or none',
  body: { $ref: 'OrderDraft#' },
  response: {
    201: {
      ...oneResource('Order', 'The order'),
      headers: { location: { type: 'string', description: 'The page that confirms it' } },
    },
    ...problems(400, 404, 409, 413, 415, 503),
  },
}

const reading = {
  tags: TAGS,
  summary: 'One order, as its confirmation shows it',
  params: orderIdParams,
  response: { 200: oneResource('Order', 'The order'), ...problems(400, 404, 503) },
}

const readingLatest = {
  tags: TAGS,
  summary: 'What a user has ordered last',
  params: userIdParams,
  response: { 200: oneResource('Order', 'The order'), ...problems(400, 404, 503) },
}
