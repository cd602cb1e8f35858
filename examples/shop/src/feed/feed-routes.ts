import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import { noUser } from '../users/no-user.ts'
import type { Feeds } from './feed.ts'
import { type FeedQuery, feedKey } from './feed-key.ts'
import { feedParams, feedQuery } from './feed-schemas.ts'

interface ByUser {
  Params: Pick<FeedQuery, 'userId'>
  Querystring: Pick<FeedQuery, 'page' | 'pageSize'>
}

/** What a user and those whom they follow have told. A page behind the last one is empty. */
export function feedRoutes(app: FastifyInstance, { feeds }: Feeds): void {
  app.get<ByUser>(
    '/feed/:userId',
    { schema: reading, config: { user: 'params.userId' } },
    ({ params: { userId }, query }, reply) =>
      answerOne(reply, noUser('userId', userId), () =>
        feeds.read(feedKey({ userId, page: query.page, pageSize: query.pageSize })),
      ),
  )
}

const reading = {
  tags: ['feed'],
  summary: "A page of a user's feed, newest first, at most a minute old",
  params: feedParams,
  querystring: feedQuery,
  response: { 200: oneResource('Feed', 'The page'), ...problems(400, 404, 503) },
}
