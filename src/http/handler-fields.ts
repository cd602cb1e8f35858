/** Fields by which a handler speaks to the cache. They end here: no client sees them. */

import type { HttpSetup } from './http-setup.ts'
import type { ResolvedPolicy } from './resolve-policy.ts'

/** Tags of this answer, parted by commas. */
const TAGS = 'cache-tags'
/** Tags to invalidate, if the write has succeeded. */
const INVALIDATE = 'cache-invalidate-tags'

/** Those that the client may see. */
export function shownHeaders(response: Response): Headers {
  const headers = new Headers(response.headers)
  headers.delete(TAGS)
  headers.delete(INVALIDATE)
  return headers
}

/** The field by which a handler names the tags of its answer; `undefined`: it has named none. */
export function statedTags(response: Response): string | undefined {
  return response.headers.get(TAGS) ?? undefined
}

/** An answer without its body as its handler would give it anew, for whoever names its tags. */
export function restated(status: number, headers: Headers, tags: string | undefined): Response {
  const response = new Response(null, { status, headers })
  if (tags !== undefined) response.headers.set(TAGS, tags)
  return response
}

/** Of what is to be kept; `undefined`: the function that names them has failed, and `onError` was told. */
export function keptTags(
  { onError }: Pick<HttpSetup, 'onError'>,
  { request, policy }: { readonly request: Request; readonly policy: ResolvedPolicy },
  response: Response,
): readonly string[] | undefined {
  try {
    return listed(response.headers.get(TAGS), policy.tags?.(request, response))
  } catch (error) {
    onError(error)
    return undefined
  }
}

/** @throws whatever the function that names them throws */
export function invalidatedTags(
  request: Request,
  response: Response,
  policy: ResolvedPolicy,
): readonly string[] {
  return listed(response.headers.get(INVALIDATE), policy.invalidates?.(request, response))
}

function listed(field: string | null, more: Iterable<string> = []): string[] {
  const named = (field ?? '').split(',').map((tag) => tag.trim())
  return [...new Set([...named.filter((tag) => tag !== ''), ...more])]
}
