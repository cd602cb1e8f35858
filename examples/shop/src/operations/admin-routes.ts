import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { adminListener } from 'tiercel/admin'
import { ADMIN_BASE, type Administration } from './administration.ts'

/** The admin API and the dashboard of the package, which read requests and write answers themselves. */
export function adminRoutes(app: FastifyInstance, { admin }: Administration): void {
  const listener = adminListener(admin)
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.hijack()
    listener(request.raw, reply.raw)
  }
  app.register((mounted, _, ready) => {
    // Bodies stay where they are, for the API to read.
    mounted.removeAllContentTypeParsers()
    mounted.addContentTypeParser('*', (_request, _body, done) => done(null))
    mounted.all(ADMIN_BASE, { schema: { hide: true } }, answer)
    mounted.all(`${ADMIN_BASE}/*`, { schema: { hide: true } }, answer)
    ready()
  })
}
