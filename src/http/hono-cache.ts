/** The way from Hono 4. */

import type { HttpCache } from './http-options.ts'

export interface HonoContextLike {
  readonly req: { raw: Request }
  get res(): Response
  set res(response: Response | undefined)
  readonly env: unknown
}

/** The app itself, by which a stale answer is validated behind the one that was given. */
export interface HonoAppLike {
  fetch(request: Request, env?: never): Response | Promise<Response>
}

/**
 * Middleware in front of the handlers that follow it: `app.use(honoCache(http, app))`.
 *
 * Without `app`, a request of Hono is over when it is answered, so `stale-while-revalidate` validates first.
 */
export function honoCache(
  http: HttpCache,
  app?: HonoAppLike,
): (context: HonoContextLike, next: () => Promise<void>) => Promise<Response | undefined> {
  /** Requests of our own, that pass by. */
  const behind = new WeakSet<Request>()
  return async (context, next) => {
    const { req, env } = context
    if (behind.has(req.raw)) {
      await next()
      return undefined
    }
    let asked = false
    const ask = async (request: Request): Promise<Response> => {
      asked = true
      req.raw = request
      await next()
      return context.res
    }
    const askBehind = (request: Request): Promise<Response> | Response => {
      behind.add(request)
      return app === undefined ? ask(request) : app.fetch(request, env as never)
    }
    const response = await http.handle(req.raw, ask, {
      behind: app === undefined ? 'never' : askBehind,
    })
    if (!asked) return response
    // Set over another, it would be given that one's fields, also those that end in the cache.
    context.res = undefined
    context.res = response
    return undefined
  }
}
