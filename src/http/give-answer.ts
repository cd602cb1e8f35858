/** Answers as clients get them: with `Age` and `Cache-Status`, or as a 304. */

import type { Asked } from './asked.ts'
import { type Doing, noteStatus } from './cache-status.ts'
import { isUnchanged, unchangedHeaders } from './conditional.ts'
import type { HttpSetup } from './http-setup.ts'
import { headersOf, type StoredAnswer } from './stored-answer.ts'

/** Status codes of answers that have no body; `Response` refuses one. */
const BODILESS = new Set([101, 103, 204, 205, 304])

/** One that is kept. `ageS`: RFC 9111, 5.1. */
export function giveStored(
  setup: HttpSetup,
  { request }: Asked,
  answer: StoredAnswer,
  { ageS, doing }: { readonly ageS: number; readonly doing: Doing },
): Response {
  const headers = headersOf(answer)
  headers.set('age', String(Math.floor(ageS)))
  noteStatus(headers, setup.name, doing)
  const { status, statusText, body } = answer
  if (isUnchanged(request, status, headers, setup.now())) {
    return new Response(null, { status: 304, headers: unchangedHeaders(headers) })
  }
  if (!BODILESS.has(status)) headers.set('content-length', String(body.byteLength))
  // RFC 9110, 9.3.2: a HEAD is answered as a GET, without the body.
  const bare = request.method === 'HEAD' || BODILESS.has(status)
  return new Response(bare ? null : (body as Uint8Array<ArrayBuffer>), {
    status,
    statusText,
    headers,
  })
}

/** One that comes from the handler. `headers`: without those that end here. */
export function givePassed(
  setup: HttpSetup,
  response: Response,
  headers: Headers,
  doing: Doing,
): Response {
  noteStatus(headers, setup.name, doing)
  const { status, statusText, body } = response
  return new Response(BODILESS.has(status) ? null : body, { status, statusText, headers })
}

/** The handler was asked for all of it, so what the client has is compared here. */
export function giveFetched(
  setup: HttpSetup,
  { request }: Asked,
  response: Response,
  { headers, doing }: { readonly headers: Headers; readonly doing: Doing },
): Response {
  if (!isUnchanged(request, response.status, headers, setup.now())) {
    return givePassed(setup, response, headers, doing)
  }
  // Nobody reads it; where it is collected, that goes on by itself.
  void response.body?.cancel().catch(() => {})
  noteStatus(headers, setup.name, { ...doing, fwdStatus: response.status })
  return new Response(null, { status: 304, headers: unchangedHeaders(headers) })
}
