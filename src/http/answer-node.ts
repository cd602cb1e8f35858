/** A request of Node through an HTTP cache: what the adapters for Express and Fastify share. */

import { HandlerAnswer, sendResponse } from './handler-answer.ts'
import type { HttpCache } from './http-options.ts'
import type { NodeRequestLike, NodeResponseLike } from './node-like.ts'

export interface NodeExchange {
  readonly req: NodeRequestLike
  readonly res: NodeResponseLike
  /** Goes on to the handler, or to who handles errors. Called once. */
  readonly next: (error?: unknown) => void
  /** Called before something is written that the handler was not asked for. */
  readonly answering?: () => void
}

/** Fields that the cache changes on the way to the handler. */
const CHANGED = ['if-none-match', 'if-modified-since']

/** Never rejects. */
export async function answerNode(http: HttpCache, exchange: NodeExchange): Promise<void> {
  const { req, res, next, answering } = exchange
  const request = webRequest(req)
  // What is no URL or no request of the web cannot be cached either.
  if (request === undefined || res.destroyed) return next()
  let handler: HandlerAnswer | undefined
  try {
    const response = await http.handle(request, (asked) => {
      for (const name of CHANGED) {
        const value = asked.headers.get(name)
        if (value === null) delete req.headers[name]
        else req.headers[name] = value
      }
      handler = new HandlerAnswer(res)
      next()
      return handler.response
    })
    if (handler !== undefined) return await handler.send(response)
    answering?.()
    await sendResponse(res, res, response)
  } catch (error) {
    // Once it was asked, the handler has written what it had to say, or the client is gone.
    if (handler === undefined) next(error)
    else res.destroy()
  }
}

/** `undefined`: there is none. The body, if there is one, stays with the handler. */
function webRequest(req: NodeRequestLike): Request | undefined {
  const path = req.originalUrl ?? req.url ?? ''
  const host = req.headers['host']
  // A path that begins with two slashes would name a host where it is read as a reference.
  if (typeof host !== 'string' || !/^[\w.:[\]-]+$/.test(host) || !path.startsWith('/'))
    return undefined
  const scheme = req.socket !== undefined && 'encrypted' in req.socket ? 'https' : 'http'
  try {
    const headers = new Headers()
    for (const [name, value] of Object.entries(req.headers)) {
      for (const one of [value ?? []].flat()) headers.append(name, one)
    }
    return new Request(`${scheme}://${host}${path}`, { method: req.method ?? 'GET', headers })
  } catch {
    return undefined
  }
}
