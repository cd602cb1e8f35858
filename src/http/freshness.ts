/** How long an answer is fresh and how old it is: RFC 9111, section 4.2. */

import {
  type Directives,
  deltaSeconds,
  listMembers,
  SECONDS_MAX,
  secondsOf,
} from './cache-control.ts'
import { readHttpDate } from './http-date.ts'
import type { ResolvedPolicy } from './resolve-policy.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** RFC 9110, 15.1: what may be given a life by heuristics, or be validated without a stated one. */
const HEURISTIC_STATUS = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

export function isHeuristic(status: number): boolean {
  return HEURISTIC_STATUS.has(status)
}

export interface Head {
  readonly status: number
  readonly headers: Headers
  readonly directives: Directives
  readonly receivedAt: number
}

/**
 * RFC 9111, 4.2.1, as a shared cache. Seconds, may have a fraction.
 *
 * `undefined`: nothing was said, and heuristics are off.
 */
export function lifetimeSeconds(head: Head, policy: ResolvedPolicy): number | undefined {
  const { directives, headers, receivedAt } = head
  if (policy.override.freshMs !== undefined) return policy.override.freshMs / 1_000
  const stated = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age')
  if (stated !== undefined) return stated
  const date = readHttpDate(headers.get('date'), receivedAt) ?? receivedAt
  if (headers.has('expires')) {
    // 5.3: a date that makes no sense, above all `0`, is one in the past.
    const expires = readHttpDate(headers.get('expires'), receivedAt)
    return expires === undefined ? 0 : Math.max(0, expires - date) / 1_000
  }
  return heuristicSeconds(head, policy, date)
}

function heuristicSeconds(head: Head, policy: ResolvedPolicy, date: number): number | undefined {
  const { heuristics } = policy
  const modified = readHttpDate(head.headers.get('last-modified'), head.receivedAt)
  if (heuristics === undefined || modified === undefined) return undefined
  // 4.2.2: of these status codes alone, or what says that it is for all.
  if (!isHeuristic(head.status) && !head.directives.has('public')) return undefined
  return Math.min(heuristics.mostMs, Math.max(0, date - modified) * heuristics.share) / 1_000
}

/**
 * RFC 9111, 5.1: of several values the first. One that is no number may be ignored there, and 4.2.1 would
 * rather have what makes no sense taken for stale: of the two, that serves nothing whose age nobody knows.
 */
function statedAge(headers: Headers): number {
  const field = headers.get('age')
  if (field === null) return 0
  return deltaSeconds(listMembers(field)[0]) ?? SECONDS_MAX
}

/** RFC 9111, 4.2.3. Seconds, may have a fraction. */
export function ageSeconds(
  { requestedAt, receivedAt }: Pick<StoredAnswer, 'requestedAt' | 'receivedAt'>,
  headers: Headers,
  now: number,
): number {
  const date = readHttpDate(headers.get('date'), receivedAt)
  // A `Date` has no fraction of a second, which must not count as age.
  const apparent =
    date === undefined ? 0 : Math.max(0, Math.floor(receivedAt / 1_000) - date / 1_000)
  const stated = statedAge(headers)
  const corrected = stated + Math.max(0, receivedAt - requestedAt) / 1_000
  return Math.max(apparent, corrected) + Math.max(0, now - receivedAt) / 1_000
}
