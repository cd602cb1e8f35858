/** Customers: one, pages of all, and the page that greets one. A page behind the last one is empty. */

import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { answerWritten } from '../server/answer-written.ts'
import { pageQuery, userIdParams } from '../server/api-schemas.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import { timeWrite } from '../server/time-write.ts'
import type { Customers } from './customers.ts'
import { noUser } from './no-user.ts'
import type { UserDraft } from './people.ts'
import type { UserWrites } from './user-writes.ts'

interface ById {
  Params: { readonly id: number }
}

interface WithDraft {
  Body: UserDraft
}

const TAGS = ['users']
const config = { user: 'params.id' } as const

export function userRoutes(
  app: FastifyInstance,
  { users, userLists, welcomes }: Customers,
  writes: UserWrites,
): void {
  app.get<{ Querystring: { readonly page: number } }>(
    '/users',
    { schema: listing },
    ({ query: { page } }, reply) =>
      answerOne(reply, { field: 'page', message: 'There is no such page.' }, () =>
        userLists.read(page),
      ),
  )

  app.get<ById>('/users/:id', { schema: reading }, ({ params: { id } }, reply) =>
    answerOne(reply, noUser('id', id), () => users.read(id)),
  )

  app.get<ById>('/users/:id/welcome', { schema: greeting, config }, ({ params: { id } }, reply) =>
    answerOne(reply, noUser('id', id), () => welcomes.read(id)),
  )

  app.post<WithDraft>('/users', { schema: registering }, async ({ body }, reply) => {
    const answer = await answerWritten(reply, () => writes.register(body))
    return reply.code(201).header('location', `/users/${answer.data.id}`).send(answer)
  })

  app.put<ById & WithDraft>('/users/:id', { schema: changing, config }, ({ params, body }, reply) =>
    answerWritten(reply, () => writes.put(params.id, body)),
  )

  app.delete<ById>('/users/:id', { schema: removing }, async ({ params }, reply) => {
    await timeWrite(reply, () => writes.remove(params.id))
    return reply.code(204).send()
  })
}

const listing = {
  tags: TAGS,
  summary: 'A page of 20 users, in the order of their ids',
  querystring: pageQuery,
  response: { 200: oneResource('UserList', 'The page'), ...problems(400, 503) },
}

const reading = {
  tags: TAGS,
  summary: 'One user, at most an hour old; older only while the source fails',
  params: userIdParams,
  response: { 200: oneResource('User', 'The user'), ...problems(400, 404, 503) },
}

const greeting = {
  tags: TAGS,
  summary: 'What a user is greeted with',
  params: userIdParams,
  response: { 200: oneResource('Welcome', 'The page'), ...problems(400, 404, 503) },
}

const registering = {
  tags: TAGS,
  summary: 'A new user; the shop gives the id, and has the welcome page ready',
  body: { $ref: 'UserDraft#' },
  response: {
    201: {
      ...oneResource('User', 'The new user'),
      headers: { location: { type: 'string', description: 'Its address' } },
    },
    ...problems(400, 413, 415, 503),
  },
}

const changing = {
  tags: TAGS,
  summary: 'Replaces what a client may say about a user',
  params: userIdParams,
  body: { $ref: 'UserDraft#' },
  response: {
    200: oneResource('User', 'The user as it is now'),
    ...problems(400, 404, 413, 415, 503),
  },
}

const removing = {
  tags: TAGS,
  summary: 'Removes a user, and ends all sessions of it; its orders stay',
  params: userIdParams,
  response: {
    204: { description: 'Removed; the next read answers 404', type: 'null' },
    ...problems(400, 404, 503),
  },
}
