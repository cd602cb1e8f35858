/** Answers, with the headers that all of them have. */

import type { DashboardAsset } from './admin-options.ts'
import type { AdminProblem } from './admin-problem.ts'
import { jsonText } from './json-text.ts'

/** Nothing may be loaded, and nobody may frame it; so for whatever is no page. */
const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** From here alone, no script or style in the page itself, and no text that becomes markup. */
const PAGE = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const EVERYWHERE = {
  'cache-control': 'no-store',
  'content-security-policy': NOTHING,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

type Headers = Readonly<Record<string, string>>

export function answerJson(json: unknown, status = 200, headers: Headers = {}): Response {
  return new Response(jsonText(json), {
    status,
    headers: { ...EVERYWHERE, 'content-type': 'application/json; charset=utf-8', ...headers },
  })
}

export function answerBody(
  body: string | ReadableStream<Uint8Array<ArrayBuffer>>,
  type: string,
): Response {
  const policy = type.startsWith('text/html') ? { 'content-security-policy': PAGE } : {}
  // Nginx would otherwise hold events back until it has many.
  const unbuffered = type === 'text/event-stream' ? { 'x-accel-buffering': 'no' } : {}
  return new Response(body, {
    headers: { ...EVERYWHERE, 'content-type': type, ...policy, ...unbuffered },
  })
}

export function answerProblem({ code, message, field, status, headers }: AdminProblem): Response {
  const error = { code, message, ...(field !== undefined && { field }) }
  return answerJson({ error }, status, headers)
}

export function answerAsset(asset: DashboardAsset, request: Request): Response {
  const { body, type, caching = 'no-cache', etag } = asset
  const headers: Headers = {
    ...EVERYWHERE,
    'content-security-policy': PAGE,
    'content-type': type,
    'cache-control': caching === 'immutable' ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(etag !== undefined && { etag }),
  }
  const isKnown = etag !== undefined && request.headers.get('if-none-match') === etag
  if (isKnown) return new Response(null, { status: 304, headers })
  return new Response(request.method === 'HEAD' ? null : body, { headers })
}
