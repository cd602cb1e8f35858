/** How a browser logs in: a token once, a cookie from then on. */

import { AdminProblem } from '../admin-problem.ts'
import { cookieName, roleOf, sessionSecret } from '../authenticate.ts'
import { checkTries } from '../check-tries.ts'
import type { AdminParts, Route } from '../route.ts'
import { answered, asked, instant, maybe, text } from '../schema.ts'

const session = answered('Who is logged in', {
  role: { type: 'string', enum: ['read', 'write'] },
  via: { type: 'string', enum: ['token', 'session'] },
  expiresAt: maybe(instant),
})

export const sessionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: 'session',
    role: 'none',
    summary: 'Logs a browser in by a token, or by a one-time token, and gives it a cookie',
    body: asked({ token: { ...text, minLength: 1, maxLength: 1024 } }, ['token']),
    answer: session,
    run: ({ parts, body, url, request, remoteAddress }) => {
      const { token } = body as { readonly token: string }
      checkTries(parts, remoteAddress)
      const role = parts.sessions.redeem(token) ?? roleOf(parts.options.digests, token)
      if (role === undefined) {
        parts.failures.take(remoteAddress)
        throw new AdminProblem('unauthorized', 'This token does not fit, or was used before.', {
          field: 'token',
        })
      }
      const { secret, expiresAt } = parts.sessions.begin(role)
      return {
        json: { role, via: 'session', expiresAt },
        headers: { 'set-cookie': cookie(parts, { request, url }, secret) },
      }
    },
  },
  {
    method: 'GET',
    path: 'session',
    role: 'read',
    summary: 'Who is asking',
    answer: session,
    run: ({ parts, caller, request, url }) => {
      const secret = sessionSecret(request, url)
      const held = caller?.via === 'session' && secret ? parts.sessions.find(secret) : undefined
      const { role, via } = caller ?? {}
      return { json: { role, via, expiresAt: held?.expiresAt ?? null } }
    },
  },
  {
    method: 'DELETE',
    path: 'session',
    role: 'none',
    summary: 'Logs the browser out',
    answer: answered('Done', { role: { type: 'null' } }),
    run: ({ parts, request, url }) => {
      const secret = sessionSecret(request, url)
      if (secret !== undefined) parts.sessions.end(secret)
      const gone = cookie(parts, { request, url }, '', 0)
      return { json: { role: null }, headers: { 'set-cookie': gone } }
    },
  },
]

/**
 * No script can read it, no page of another site can have it sent, and no other path gets it. Nor does it
 * travel in the open where the page has come by TLS, which a proxy may have ended: the browser says so.
 */
function cookie(
  { options }: AdminParts,
  { request, url }: { readonly request: Request; readonly url: URL },
  secret: string,
  seconds: number = Math.floor(options.sessionMs / 1000),
): string {
  const origin = request.headers.get('origin') ?? url.origin
  const secure = origin.startsWith('https:') ? '; Secure' : ''
  const path = options.base === '' ? '/' : options.base
  return `${cookieName(url)}=${secret}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}
