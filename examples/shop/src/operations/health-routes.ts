import type { FastifyInstance } from 'fastify'
import type { Shop } from '../shop.ts'

/** For whoever starts and watches the process. They show no detail. */
export function healthRoutes(app: FastifyInstance, { source }: Shop): void {
  app.get('/health/live', { schema: live }, async () => ({ status: 'ok' }))

  app.get('/health/ready', { schema: ready }, async (_, reply) => {
    try {
      // The source alone: without its shared tier the shop answers too.
      await source.all('SELECT 1')
      return { status: 'ok' }
    } catch {
      return reply.code(503).send({ status: 'unavailable' })
    }
  })
}

function status(description: string): object {
  return {
    description,
    type: 'object',
    properties: { status: { type: 'string', enum: ['ok', 'unavailable'] } },
    required: ['status'],
  }
}

const live = {
  tags: ['operations'],
  summary: 'Whether the process answers at all',
  response: { 200: status('It does') },
}

const ready = {
  tags: ['operations'],
  summary: 'Whether requests can be served',
  response: { 200: status('They can'), 503: status('Not now') },
}
