/** Fields by which a handler speaks to the cache. They end here: no client sees them. */

import type { ResolvedPolicy } from './resolve-policy.ts'

/** Tags of this answer, parted by commas. */
const TAGS = 'cache-tags'
/** Tags to invalidate, if the write has succeeded. */
const INVALIDATE = 'cache-invalidate-tags'

export interface HandlerFields {
  /** Those that the client may see. */
  readonly headers: Headers
  readonly tags: readonly string[]
  readonly invalidates: readonly string[]
}

export function readHandlerFields(
  request: Request,
  response: Response,
  policy: ResolvedPolicy,
): HandlerFields {
  const headers = new Headers(response.headers)
  const tags = listed(headers.get(TAGS), policy.tags?.(request, response))
  const invalidates = listed(headers.get(INVALIDATE), policy.invalidates?.(request, response))
  headers.delete(TAGS)
  headers.delete(INVALIDATE)
  return { headers, tags, invalidates }
}

function listed(field: string | null, more: Iterable<string> = []): string[] {
  const named = (field ?? '').split(',').map((tag) => tag.trim())
  return [...new Set([...named.filter((tag) => tag !== ''), ...more])]
}
