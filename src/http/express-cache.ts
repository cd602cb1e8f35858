/** The way from Express 5. It also fits Connect and whatever else calls `(req, res, next)`. */

import { answerNode } from './answer-node.ts'
import type { HttpCache } from './http-options.ts'
import type { NodeRequestLike, NodeResponseLike } from './node-like.ts'

/**
 * Middleware in front of the handlers that follow it: `app.use(expressCache(http))`. What stands before it
 * is done for every request, what comes after it only where the handler is asked.
 *
 * `stale-while-revalidate` asks the handler when its client has all of the stale answer, or is gone. Nothing that
 * it does to its response then reaches a connection.
 */
export function expressCache(
  http: HttpCache,
): (req: NodeRequestLike, res: NodeResponseLike, next: (error?: unknown) => void) => void {
  return (req, res, next) => {
    void answerNode(http, { req, res, next })
  }
}
