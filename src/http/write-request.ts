/** Methods that may change something: RFC 9111, section 4.4. */

import { isTag } from '../keys/tag.ts'
import { targetOf, targetTag } from './entry-keys.ts'
import { givePassed } from './give-answer.ts'
import { invalidatedTags, shownHeaders } from './handler-fields.ts'
import type { Next } from './http-options.ts'
import type { HttpSetup } from './http-setup.ts'

/** RFC 9110, 9.2.1. Of a method that nobody knows, nobody knows that it is safe. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Of one call of `invalidateTags`. */
const MOST_TAGS = 1_000

/** The handler answers; what it has changed is unservable before the client hears of it. */
export async function writeRequest(
  setup: HttpSetup,
  request: Request,
  url: URL,
  next: Next,
): Promise<Response> {
  const response = await next(request)
  const headers = shownHeaders(response)
  const succeeded = response.status >= 200 && response.status < 400
  if (succeeded && !SAFE.has(request.method)) {
    // The write has been carried out: that it is told as failed would be worse. Its own URL waits for no
    // function of a user's, and for no tag.
    await Promise.all([
      told(setup, () => invalidateUrls(setup, [url, ...sameOrigin(url, headers)])),
      told(setup, () =>
        invalidateAll(setup, invalidatedTags(request, response, setup.policyOf(url))),
      ),
    ])
  }
  return givePassed(setup, response, headers, { fwd: 'method' })
}

async function told({ onError }: HttpSetup, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    onError(error)
  }
}

/** With all variants of each. @throws as `invalidateTags` does */
export async function invalidateUrls(setup: HttpSetup, urls: readonly URL[]): Promise<void> {
  const own = urls.map((url) => targetTag(setup.name, targetOf(url, setup.policyOf(url))))
  await setup.cache.invalidateTags([...new Set(await Promise.all(own))])
}

/** One that can be no tag costs none of the others. @throws as `invalidateTags` does */
async function invalidateAll(
  { cache, onError }: HttpSetup,
  tags: readonly string[],
): Promise<void> {
  const [well, ill] = [tags.filter(isTag), tags.filter((tag) => !isTag(tag))]
  for (let from = 0; from < well.length; from += MOST_TAGS) {
    await cache.invalidateTags(well.slice(from, from + MOST_TAGS))
  }
  if (ill.length > 0) await cache.invalidateTags(ill.slice(0, MOST_TAGS)).catch(onError)
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
