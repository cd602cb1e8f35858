import type { FastifyInstance } from 'fastify'
import { answerOne } from '../answer-one.ts'
import { pageQuery, userIdParams } from '../api-schemas.ts'
import type { Customers } from '../customers.ts'
import { oneResource, problems } from '../describe-answer.ts'

/** Customers: one, and pages of all. A page behind the last one is empty. */
export function userRoutes(app: FastifyInstance, { users, userLists }: Customers): void {
  app.get<{ Querystring: { readonly page: number } }>(
    '/users',
    { schema: listing },
    ({ query: { page } }, reply) =>
      answerOne(reply, { field: 'page', message: 'There is no such page.' }, () =>
        userLists.read(page),
      ),
  )

  app.get<{ Params: { readonly id: number } }>(
    '/users/:id',
    { schema: reading },
    ({ params: { id } }, reply) =>
      answerOne(reply, { field: 'id', message: `There is no user ${id}.` }, () => users.read(id)),
  )
}

const listing = {
  tags: ['users'],
  summary: 'A page of 20 users, in the order of their ids',
  querystring: pageQuery,
  response: { 200: oneResource('UserList', 'The page'), ...problems(400, 503) },
}

const reading = {
  tags: ['users'],
  summary: 'One user, at most an hour old; older only while the source fails',
  params: userIdParams,
  response: { 200: oneResource('User', 'The user'), ...problems(400, 404, 503) },
}
