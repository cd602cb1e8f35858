/** What is kept of an answer, and the fields of it that are not. */

import { listMembers, readDirectives } from './cache-control.ts'
import { writeHttpDate } from './http-date.ts'

/** A whole answer as it was received. Shared by all who are answered with it: never changed. */
export interface StoredAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
  /** What its handler has said of its tags, for when it is renewed. Earlier releases did not note it. */
  readonly tags?: string | undefined
  /** When the handler was asked, and when its head came. Epoch milliseconds. */
  readonly requestedAt: number
  readonly receivedAt: number
}

/**
 * What stands under a key. RFC 9111, 4.1: an entry knows by which fields of a request its answers are told
 * apart (`names`), and which of them it holds (`selected`). The others stand under keys of their own.
 */
export interface HttpEntry {
  readonly names: readonly string[]
  readonly selected: string
  /** `undefined`: only the names are known. */
  readonly answer: StoredAnswer | undefined
}

/** RFC 9111, 3.1: of the connection, or between two of its ends, and not of the answer. */
const OF_THE_CONNECTION = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Fields of an answer that are kept: without those of the connection, and with a `Date`. */
export function keptFields(
  headers: Headers,
  receivedAt: number,
  dropped: readonly string[],
): Headers {
  const kept = new Headers(headers)
  for (const name of listMembers(headers.get('connection') ?? '')) drop(kept, name)
  for (const name of [...OF_THE_CONNECTION, ...dropped]) kept.delete(name)
  // RFC 9111, 5.2.2.4 and 5.2.2.7: fields that these directives name are not for everybody to come.
  const directives = readDirectives(headers.get('cache-control'))
  for (const list of [
    ...(directives.get('no-cache') ?? []),
    ...(directives.get('private') ?? []),
  ]) {
    for (const name of listMembers(list ?? '')) drop(kept, name)
  }
  // RFC 9110, 6.6.1.
  if (!kept.has('date')) kept.set('date', writeHttpDate(receivedAt))
  return kept
}

/**
 * RFC 9111, 3.2: fields that tell of the bytes that are kept, and these stay as they are. A 304 that has
 * others tells of bytes that are not here.
 */
const OF_THE_BYTES = new Set([
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  // RFC 9530.
  'content-digest',
  'repr-digest',
])

/** RFC 9111, 3.2 and 4.3.4: what a 304 says replaces what was said before, but for what tells of the body. */
export function refreshedFields(answer: StoredAnswer, fresh: Headers): Headers {
  const merged = headersOf(answer)
  const replaced = new Set<string>()
  for (const [name, value] of fresh) {
    if (OF_THE_BYTES.has(name)) continue
    if (replaced.has(name)) merged.append(name, value)
    else merged.set(name, value)
    replaced.add(name)
  }
  return merged
}

export function headersOf(answer: StoredAnswer): Headers {
  return new Headers(answer.headers.map(([name, value]) => [name, value]))
}

/** A name that cannot be one names nothing. */
function drop(headers: Headers, name: string): void {
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.delete(name)
}
