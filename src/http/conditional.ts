/** Conditional requests: those of clients, answered here, and those to the handler (RFC 9110, 13; RFC 9111, 4.3). */

import { listMembers } from './cache-control.ts'
import { readHttpDate } from './http-date.ts'
import { headersOf, type StoredAnswer } from './stored-answer.ts'

/** Fields by which a client says what it has. */
const OF_CLIENTS = ['if-none-match', 'if-modified-since']

/** Whether the client has the answer already. RFC 9111, 4.3.2: of a 200 alone. */
export function isUnchanged(
  request: Request,
  status: number,
  headers: Headers,
  now: number,
): boolean {
  if (status !== 200) return false
  const tags = request.headers.get('if-none-match')
  if (tags !== null) {
    // RFC 9110, 13.1.2 and 8.8.3.2: compared weakly. With it, a date counts for nothing.
    const etag = headers.get('etag')
    if (tags.trim() === '*') return true
    return etag !== null && listMembers(tags).some((tag) => opaque(tag) === opaque(etag))
  }
  const since = readHttpDate(request.headers.get('if-modified-since'), now)
  if (since === undefined) return false
  const modified = readHttpDate(headers.get('last-modified') ?? headers.get('date'), now)
  return modified !== undefined && modified <= since
}

/** RFC 9110, 15.4.5: without what describes the body that is not there. */
export function unchangedHeaders(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of ['content-length', 'content-type', 'content-encoding', 'content-language']) {
    kept.delete(name)
  }
  return kept
}

/** The handler is asked for all of it: what the client has is compared here, with what comes. */
export function unconditional(request: Request): Request {
  if (!OF_CLIENTS.some((name) => request.headers.has(name))) return request
  const headers = new Headers(request.headers)
  for (const name of OF_CLIENTS) headers.delete(name)
  return new Request(request, { headers })
}

/** RFC 9111, 4.3.1: the handler is asked whether what is kept is still what it has. */
export function validating(request: Request, answer: StoredAnswer): Request {
  const stored = headersOf(answer)
  const headers = new Headers(request.headers)
  for (const name of OF_CLIENTS) headers.delete(name)
  const etag = stored.get('etag')
  const modified = stored.get('last-modified')
  if (etag !== null) headers.set('if-none-match', etag)
  if (modified !== null) headers.set('if-modified-since', modified)
  return new Request(request, { headers, method: 'GET' })
}

/** RFC 9111, 4.3.4: a 304 that names another answer than the one that is kept says nothing of it. */
export function confirms(answer: StoredAnswer, headers: Headers): boolean {
  const stored = headersOf(answer).get('etag')
  const told = headers.get('etag')
  if (stored === null || told === null) return true
  return listMembers(told).some((tag) => opaque(tag) === opaque(stored))
}

/** Whether a HEAD could tell, by a validator, that what is kept still holds. */
export function hasValidator(answer: StoredAnswer): boolean {
  const stored = headersOf(answer)
  return stored.has('etag') || stored.has('last-modified')
}

/**
 * RFC 9111, 4.3.5: the head of what is kept. Stricter than it has to be: what has no validator at all is not
 * taken for the same, though its length may be.
 */
export function isSame(answer: StoredAnswer, head: Headers): boolean {
  const stored = headersOf(answer)
  const told = ['etag', 'last-modified'].filter((name) => head.has(name))
  const length = head.get('content-length')
  return (
    told.length > 0 &&
    told.every((name) => head.get(name) === stored.get(name)) &&
    (length === null || Number(length) === answer.body.byteLength)
  )
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}
