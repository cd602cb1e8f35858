import type { FastifyInstance } from 'fastify'
import type { Collection } from 'tiercel'
import type { User } from './people.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Where a request of this route says whose doing it is. */
    user?: 'params.id' | 'params.userId' | 'body.userId'
  }
}

/**
 * Counts each request of a user as activity: who orders every week stays in the cache, also if nobody
 * looks at the user itself. Writes nothing for it; the cache notes it once in a while.
 */
export function trackActivity(
  app: FastifyInstance,
  users: Pick<Collection<number, User>, 'noteActivity'>,
): void {
  // Once the request is known to be valid.
  app.addHook('preHandler', async ({ params, body, routeOptions }) => {
    const [part, member = ''] = routeOptions.config.user?.split('.') ?? []
    if (part === undefined) return
    const userId = ((part === 'body' ? body : params) as Record<string, unknown>)[member]
    if (typeof userId === 'number') users.noteActivity(userId)
  })
}
