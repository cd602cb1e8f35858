/** A request of Node through an HTTP cache: what the adapters for Express and Fastify share. */

import { HandlerAnswer, presetOf } from './handler-answer.ts'
import type { HttpCache } from './http-options.ts'
import type { NodeRequestLike, NodeResponseLike } from './node-like.ts'
import { sendResponse } from './send-response.ts'

export interface NodeExchange {
  readonly req: NodeRequestLike
  readonly res: NodeResponseLike
  /** Goes on to the handler, or to who handles errors. Called once. */
  readonly next: (error?: unknown) => void
  /** Called before something is written that the handler was not asked for. */
  readonly answering?: () => void
  /** Called before the handler is asked behind what was written. */
  readonly goingOn?: () => void
}

/** Fields that the cache changes on the way to the handler. */
const CHANGED = ['if-none-match', 'if-modified-since']

/** Never rejects. */
export async function answerNode(http: HttpCache, exchange: NodeExchange): Promise<void> {
  const { req, res, next, answering, goingOn } = exchange
  const request = webRequest(req)
  // What is no URL or no request of the web cannot be cached either.
  if (request === undefined || res.destroyed) return next()
  const before = presetOf(res)
  const answered = Promise.withResolvers<void>()
  answered.promise.catch(() => {})
  const ask = (asked: Request, handler: HandlerAnswer): Promise<Response> => {
    for (const name of CHANGED) {
      const value = asked.headers.get(name)
      if (value === null) delete req.headers[name]
      else req.headers[name] = value
    }
    next()
    return handler.response
  }
  let handler: HandlerAnswer | undefined
  try {
    const response = await http.handle(
      request,
      (asked) => {
        handler = new HandlerAnswer(res)
        return ask(asked, handler)
      },
      {
        answered: answered.promise,
        behind: (asked) => {
          goingOn?.()
          return ask(asked, new HandlerAnswer(res, before))
        },
      },
    )
    if (handler !== undefined) return await handler.send(response)
    answering?.()
    await sendResponse(res, res, response)
    // The handler will write into the same object: not before nothing of the answer is left in it.
    await over(res)
    answered.resolve()
  } catch (error) {
    answered.reject(error)
    // Once it was asked, the handler has written what it had to say, or the client is gone.
    if (handler === undefined) next(error)
    else res.destroy()
  }
}

/** The client has all of it, or is gone. */
async function over(res: NodeResponseLike): Promise<void> {
  if (res.closed === true) return
  await new Promise<void>((resolve) => {
    res.once('close', resolve)
    // What is no server of Node's may say this alone; where both are said, this is said first.
    res.once('finish', () => setImmediate(resolve))
  })
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
