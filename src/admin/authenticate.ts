/** By what right somebody asks: a token in a header, or a session by cookie. */

import type { AdminRole } from './admin-options.ts'
import type { TokenDigests } from './resolve-admin-options.ts'
import type { Caller } from './route.ts'
import { isSecret } from './same-secret.ts'
import type { Sessions } from './sessions.ts'

/** The role of a token; each is compared, whichever fits, so that the time tells nothing. */
export function roleOf(digests: TokenDigests, token: string): AdminRole | undefined {
  const isRead = digests.read !== undefined && isSecret(token, digests.read)
  const isWrite = digests.write !== undefined && isSecret(token, digests.write)
  if (isWrite) return 'write'
  return isRead ? 'read' : undefined
}

/** The credentials of RFC 6750, section 2.1. */
export function bearerOf({ headers }: Request): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '')?.[1]
}

/**
 * One name a port: cookies know no ports, and an instance beside this one has sessions of its own
 * (RFC 6265, section 8.5).
 */
export function cookieName(url: URL): string {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return `tiercel-${port}`
}

export function sessionSecret({ headers }: Request, url: URL): string | undefined {
  const name = cookieName(url)
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name) return value
  }
  return undefined
}

export function callerByCookie(request: Request, url: URL, sessions: Sessions): Caller | undefined {
  const secret = sessionSecret(request, url)
  if (secret === undefined) return undefined
  const session = sessions.find(secret)
  if (session === undefined) return undefined
  return {
    role: session.role,
    via: 'session',
    stands: () => sessions.find(secret) !== undefined,
  }
}
