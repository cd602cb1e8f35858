/** The way from Fastify 5. */

import { answerNode } from './answer-node.ts'
import type { HttpCache } from './http-options.ts'
import type { NodeRequestLike, NodeResponseLike } from './node-like.ts'

export interface FastifyRequestLike {
  readonly raw: NodeRequestLike
}

export interface FastifyReplyLike {
  readonly raw: NodeResponseLike
  /** Whether Fastify leaves the response alone. */
  readonly sent: boolean
}

/**
 * A hook in front of the handlers: `app.addHook('onRequest', fastifyCache(http))`. Answers from the cache
 * are written past the hooks that follow, but for `onResponse`.
 */
export function fastifyCache(
  http: HttpCache,
): (request: FastifyRequestLike, reply: FastifyReplyLike, done: (error?: Error) => void) => void {
  return (request, reply, done) => {
    void answerNode(http, {
      req: request.raw,
      res: reply.raw,
      next: (error) => done(error as Error | undefined),
      // As `hijack` does, which cannot be taken back when the handler is asked behind the answer.
      answering: () => Object.defineProperty(reply, 'sent', { value: true, configurable: true }),
      goingOn: () => Reflect.deleteProperty(reply, 'sent'),
    })
  }
}
