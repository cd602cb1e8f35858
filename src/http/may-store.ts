/** Whether an answer may be kept: RFC 9111, section 3. */

import { listMembers, saysOfAll, secondsOf } from './cache-control.ts'
import { ageSeconds, type Head, isHeuristic, lifetimeSeconds } from './freshness.ts'
import type { ResolvedPolicy } from './resolve-policy.ts'

/** Why not, as a word for `Cache-Status` (RFC 9211, 2.8). */
export type Refusal =
  | 'status'
  | 'no-store'
  | 'private'
  | 'authorization'
  | 'set-cookie'
  | 'vary'
  | 'lifetime'
  | 'size'
  | 'incomplete'
  | 'tags'

export interface Offer extends Head {
  readonly request: Request
  readonly requestedAt: number
  readonly policy: ResolvedPolicy
}

/** Of the status codes of RFC 9110 that a cache has to treat in no way of their own. */
const UNDERSTOOD = new Set([
  ...[200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 406, 408, 409, 410],
  ...[411, 413, 414, 415, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505],
])
/** Fields by which answers are told apart, at most. */
const VARY_MAX = 16

/** `undefined`: it may. `keepStaleMs`: how long it would be kept past its freshness. */
export function whyNotKept(offer: Offer, keepStaleMs: number): Refusal | undefined {
  const { status, directives, headers, request, policy } = offer
  const { override } = policy
  // 3 and 3.3: parts of an answer are passed by, and a 304 has no answer in it.
  if (status < 200 || status === 206 || status === 304) return 'status'
  // 5.2.2.3.
  if (directives.has('must-understand') && !UNDERSTOOD.has(status)) return 'status'
  if (directives.has('no-store') && override.noStore === undefined) return 'no-store'
  // 5.2.2.7: unless it names the fields that are, which are left out then.
  const isPrivate = saysOfAll(directives, 'private')
  if (isPrivate && override.private === undefined) return 'private'
  // 3.5.
  if (request.headers.has('authorization') && override.authorization === undefined) {
    const allowed = ['public', 's-maxage', 'must-revalidate'].some((name) => directives.has(name))
    if (!allowed && !(isPrivate && override.private === 'kept')) return 'authorization'
  }
  // Beyond the RFC (7.3): who was given a cookie was told something that is for nobody else.
  if (headers.has('set-cookie') && override.setCookie === undefined) return 'set-cookie'
  const names = varyNames(headers)
  // 4.1: `*` never matches.
  if (names.includes('*') || names.length > VARY_MAX) return 'vary'
  return isOfUse(offer, keepStaleMs) ? undefined : 'lifetime'
}

/** What could neither be served nor be validated later need not be kept. */
function isOfUse(offer: Offer, keepStaleMs: number): boolean {
  const { status, directives, headers, policy } = offer
  // An entry without any life is none.
  if (keepMs(offer, keepStaleMs) <= 0) return false
  const lifetime = lifetimeSeconds(offer, policy)
  const hasValidator = headers.has('etag') || headers.has('last-modified')
  const noCache = saysOfAll(directives, 'no-cache')
  if (lifetime === undefined) return noCache && isHeuristic(status) && hasValidator
  if (hasValidator) return true
  if (noCache) return false
  return lifetime + staleSeconds(offer, policy) > ageSeconds(offer, headers, offer.receivedAt)
}

/** How long past its freshness an answer itself says that it may serve. Seconds. */
function staleSeconds({ directives }: Head, { override }: ResolvedPolicy): number {
  return Math.max(
    (override.staleWhileRevalidateMs ?? 0) / 1_000,
    (override.staleIfErrorMs ?? 0) / 1_000,
    secondsOf(directives, 'stale-while-revalidate') ?? 0,
    secondsOf(directives, 'stale-if-error') ?? 0,
  )
}

/** RFC 9110, 8.6. */
export function statedLength(headers: Headers): number | undefined {
  const stated = headers.get('content-length')
  return stated === null ? undefined : Number(stated)
}

/** In lower case, each once. */
export function varyNames(headers: Headers): string[] {
  return [...new Set(listMembers(headers.get('vary') ?? '').map((name) => name.toLowerCase()))]
}

/** How long an entry is kept, until neither it nor a validation of it is of use. Milliseconds. */
export function keepMs(offer: Offer, keepStaleMs: number): number {
  const lifetime = lifetimeSeconds(offer, offer.policy) ?? 0
  const left = lifetime - ageSeconds(offer, offer.headers, offer.receivedAt)
  const beyond = Math.max(staleSeconds(offer, offer.policy), keepStaleMs / 1_000)
  return Math.ceil(Math.min(Math.max(0, left) + beyond, KEPT_SECONDS_MAX) * 1_000)
}

/** A year: what is said to be fresh for ever is asked for once in a while all the same. */
const KEPT_SECONDS_MAX = 365 * 24 * 3_600
