/** Puts an HTTP cache together, over a collection of a cache. */

import type { HttpCache, HttpCacheOptions } from './http-options.ts'
import { type HttpSetup, setUp } from './http-setup.ts'
import { readRequest } from './read-request.ts'
import { invalidateUrls, writeRequest } from './write-request.ts'

/**
 * A shared cache of responses by RFC 9111, in front of a handler or an origin. Its entries live in a
 * collection of `cache`, so they have all of its tiers, its invalidation and its protection.
 *
 * Nothing private is shared: answers to different `Authorization` or `Cookie` fields never meet, whatever
 * the handler says, unless a policy overrides it.
 *
 * @example
 * ```ts
 * import { createCache } from 'tiercel'
 * import { createHttpCache } from 'tiercel/http'
 *
 * await using cache = createCache({ name: 'shop' })
 * const http = createHttpCache({ cache, query: { ignore: ['utm_*'] } })
 * const handler = () => new Response('hello', { headers: { 'cache-control': 'max-age=60' } })
 * await http.handle(new Request('http://shop.test/?utm_source=mail'), handler).then((r) => r.text())
 * const second = await http.handle(new Request('http://shop.test/'), handler)
 * console.log(second.headers.get('cache-status')) // http; hit; ttl=59
 * ```
 *
 * @throws ConfigError naming the option that cannot work, also if the cache has a collection of this name.
 */
export function createHttpCache(options: HttpCacheOptions): HttpCache {
  const setup = setUp(options)
  return {
    async handle(request, next, how = {}) {
      noteActivity(setup, request)
      // RFC 9110, 7.8: what follows is no answer of HTTP.
      if (request.headers.has('upgrade')) return await next(request)
      const url = new URL(request.url)
      const reads = request.method === 'GET' || request.method === 'HEAD'
      if (!reads) return await writeRequest(setup, request, url, next)
      return await readRequest(setup, request, url, { next, options: how })
    },
    async invalidate(url) {
      await invalidateUrls(setup, [new URL(url)])
    },
  }
}

/** What it does wrong fails no request. */
function noteActivity(setup: HttpSetup, request: Request): void {
  if (setup.activity === undefined) return
  try {
    for (const active of setup.activity(request)) {
      if (typeof active === 'string') setup.cache.noteActivity(active)
      else active.of.noteActivity(active.key as never)
    }
  } catch (error) {
    setup.onError(error)
  }
}
