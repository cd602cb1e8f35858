/** Sessions: begun, and kept open by being asked for. */

import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { answerWritten } from '../server/answer-written.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import type { Sessions } from './sessions.ts'
import { sessionIdParams } from './user-schemas.ts'

const TAGS = ['users']

export function sessionRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.post<{ Body: { readonly userId: number } }>(
    '/sessions',
    { schema: beginning },
    async ({ body: { userId } }, reply) => {
      const answer = await answerWritten(reply, () => sessions.begin(userId))
      return reply.code(201).header('location', `/sessions/${answer.data.id}`).send(answer)
    },
  )

  app.get<{ Params: { readonly id: string } }>(
    '/sessions/:id',
    { schema: asking },
    ({ params: { id } }, reply) =>
      answerOne(reply, { field: 'id', message: 'There is no such session.' }, () =>
        sessions.read(id),
      ),
  )
}

const beginning = {
  tags: TAGS,
  summary: 'Logs a user in',
  description: 'This is a sample shop: nobody has a password.',
  body: { $ref: 'Login#' },
  response: {
    201: {
      ...oneResource('Session', 'The session'),
      headers: { location: { type: 'string', description: 'Its address' } },
    },
    ...problems(400, 404, 413, 415, 503),
  },
}

const asking = {
  tags: TAGS,
  summary: 'A session, which then stays open for 20 minutes more',
  params: sessionIdParams,
  response: { 200: oneResource('Session', 'The session'), ...problems(400, 404, 503) },
}
