/** Methods that may change something: RFC 9111, section 4.4. */

import { targetOf, targetTag } from './entry-keys.ts'
import { givePassed } from './give-answer.ts'
import { readHandlerFields } from './handler-fields.ts'
import type { Next } from './http-options.ts'
import type { HttpSetup } from './http-setup.ts'

/** RFC 9110, 9.2.1. Of a method that nobody knows, nobody knows that it is safe. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** The handler answers; what it has changed is unservable before the client hears of it. */
export async function writeRequest(
  setup: HttpSetup,
  request: Request,
  url: URL,
  next: Next,
): Promise<Response> {
  const response = await next(request)
  const { headers, invalidates } = readHandlerFields(request, response, setup.policyOf(url))
  const succeeded = response.status >= 200 && response.status < 400
  if (succeeded && !SAFE.has(request.method)) {
    try {
      await invalidateUrls(setup, [url, ...sameOrigin(url, headers)], invalidates)
    } catch (error) {
      // The write has been carried out: that it is told as failed would be worse.
      setup.onError(error)
    }
  }
  return givePassed(setup, response, headers, { fwd: 'method' })
}

/** With all variants of each. @throws as `invalidateTags` does */
export async function invalidateUrls(
  setup: HttpSetup,
  urls: readonly URL[],
  tags: readonly string[],
): Promise<void> {
  const own = urls.map((url) => targetTag(setup.name, targetOf(url, setup.policyOf(url))))
  await setup.cache.invalidateTags([...new Set([...(await Promise.all(own)), ...tags])])
}

/** 4.4: of another origin nothing is invalidated, or anybody could have anything invalidated. */
function sameOrigin(url: URL, headers: Headers): URL[] {
  return ['location', 'content-location']
    .map((name) => headers.get(name))
    .filter((value) => value !== null)
    .map((value) => URL.parse(value, url.href))
    .filter((target) => target !== null)
    .filter((target) => target.origin === url.origin)
}
