import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { answerWritten } from '../server/answer-written.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import { timeWrite } from '../server/time-write.ts'
import type { ActivityDraft } from './activity.ts'
import type { ActivityWrites } from './activity-writes.ts'
import type { Feeds } from './feed.ts'
import { activityParams } from './feed-schemas.ts'
import { noActivity } from './no-activity.ts'

interface ById {
  Params: { readonly id: number }
}

const TAGS = ['feed']

/** Single activities: read, told and liked. */
export function activityRoutes(
  app: FastifyInstance,
  { activities }: Feeds,
  writes: ActivityWrites,
): void {
  app.get<ById>('/activities/:id', { schema: reading }, ({ params: { id } }, reply) =>
    answerOne(reply, noActivity(id), () => activities.read(id)),
  )

  app.post<{ Body: ActivityDraft }>(
    '/activities',
    { schema: creating, config: { user: 'body.userId' } },
    async ({ body }, reply) => {
      const answer = await answerWritten(reply, () => writes.create(body))
      return reply.code(201).header('location', `/activities/${answer.data.id}`).send(answer)
    },
  )

  app.post<ById>('/activities/:id/like', { schema: liking }, async ({ params }, reply) => {
    await timeWrite(reply, () => writes.like(params.id))
    return reply.code(204).send()
  })
}

const reading = {
  tags: TAGS,
  summary: 'One activity, at most a minute old',
  params: activityParams,
  response: { 200: oneResource('Activity', 'The activity'), ...problems(400, 404, 503) },
}

const creating = {
  tags: TAGS,
  summary: 'A new activity, which stands in the feeds of its author and of their followers',
  body: { $ref: 'ActivityDraft#' },
  response: {
    201: {
      ...oneResource('Activity', 'The new activity'),
      headers: { location: { type: 'string', description: 'Its address' } },
    },
    ...problems(400, 404, 409, 413, 415, 503),
  },
}

const liking = {
  tags: TAGS,
  summary: 'One like more',
  params: activityParams,
  response: {
    204: { description: 'The next read of the activity, and of any feed, shows it', type: 'null' },
    ...problems(400, 404, 503),
  },
}
