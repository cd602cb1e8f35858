import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * Gives every answer a `Server-Timing` header: those in which the cache had no part, a refusal for
 * instance, get the metric `app` with the time of the whole request. Each names the instance.
 */
export function timeAnswers(app: FastifyInstance, instance: string): void {
  const begun = new WeakMap<FastifyRequest, number>()
  app.addHook('onRequest', async (request) => {
    begun.set(request, performance.now())
  })
  app.addHook('onSend', async (request, reply) => {
    if (!reply.hasHeader('server-timing')) setAppTiming(reply, begun.get(request))
    nameInstance(reply, instance)
  })
}

/** `begunAt`: by `performance.now()`; absent for what was refused before any hook ran. */
export function setAppTiming(reply: FastifyReply, begunAt: number | undefined): void {
  const durationMs = begunAt === undefined ? 0 : performance.now() - begunAt
  reply.header('server-timing', `app;dur=${durationMs.toFixed(2)}`)
}

/** After what the header has already: a metric of its own that tells who answered. */
export function nameInstance(reply: FastifyReply, instance: string): void {
  reply.header('server-timing', `${reply.getHeader('server-timing')}, instance;desc="${instance}"`)
}
