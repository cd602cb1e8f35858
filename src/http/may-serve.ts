/** Whether what is kept answers a request: RFC 9111, sections 4, 4.2.4 and 5.2.1, and RFC 5861. */

import { type Directives, readDirectives, saysOfAll, secondsOf } from './cache-control.ts'
import { ageSeconds, lifetimeSeconds } from './freshness.ts'
import type { ResolvedPolicy } from './resolve-policy.ts'
import { headersOf, type StoredAnswer } from './stored-answer.ts'

export interface Verdict {
  /**
   * `serve`: as it is. `behind`: as it is, and it is validated behind the answer. `validate`: the handler is
   * asked first.
   */
  readonly kind: 'serve' | 'behind' | 'validate'
  /** It is not fresh any more. */
  readonly stale: boolean
  /** The client wanted the handler to be asked. */
  readonly insisted: boolean
  /** May be served if the handler fails (RFC 5861, 4). */
  readonly ifError: boolean
  readonly ageS: number
  /** Freshness that is left, negative where it is over (RFC 9211, 2.2). */
  readonly ttlS: number
}

/** Directives of a request; `Pragma` counts where there are none (RFC 9111, 5.4). */
export function directivesOfRequest(request: Request, policy: ResolvedPolicy): Directives {
  if (policy.override.requestDirectives === 'ignored') return new Map()
  const field = request.headers.get('cache-control')
  const pragma = field === null && /\bno-cache\b/i.test(request.headers.get('pragma') ?? '')
  return pragma ? new Map([['no-cache', [undefined]]]) : readDirectives(field)
}

export function judge(
  answer: StoredAnswer,
  asked: Directives,
  policy: ResolvedPolicy,
  now: number,
): Verdict {
  const headers = headersOf(answer)
  const directives = readDirectives(headers.get('cache-control'))
  const ageS = ageSeconds(answer, headers, now)
  const ttlS = (lifetimeSeconds({ ...answer, headers, directives }, policy) ?? 0) - ageS
  const stale = ttlS <= 0
  const beyond = -ttlS
  const noCache = saysOfAll(directives, 'no-cache')
  // 4.2.4; with `s-maxage` comes the meaning of `proxy-revalidate` (5.2.2.10).
  const strict =
    noCache ||
    directives.has('must-revalidate') ||
    directives.has('proxy-revalidate') ||
    (directives.has('s-maxage') && policy.override.sMaxage === undefined)
  const window = (overrideMs: number | undefined, name: string): number =>
    overrideMs === undefined ? (secondsOf(directives, name) ?? 0) : overrideMs / 1_000
  const { staleIfErrorMs, staleWhileRevalidateMs } = policy.override
  const told = { ageS, ttlS, stale }
  const ifError =
    !strict &&
    beyond <
      Math.max(
        window(staleIfErrorMs, 'stale-if-error'),
        // RFC 5861, 4: a client may say so too.
        secondsOf(asked, 'stale-if-error') ?? 0,
      )
  const maxAge = secondsOf(asked, 'max-age')
  const minFresh = secondsOf(asked, 'min-fresh') ?? 0
  const tooOld = maxAge !== undefined && ageS > maxAge
  // 5.2.1.4, and 5.2.2.4 of the answer.
  const insisted = asked.has('no-cache') || tooOld
  if (insisted || noCache) return { ...told, ifError, insisted, kind: 'validate' }
  const rest = { ...told, ifError, insisted }
  // 5.2.1.3.
  if (!stale && ttlS >= minFresh) return { ...rest, kind: 'serve' }
  // 5.2.1.2: without a number, however stale.
  const staleness = asked.get('max-stale')?.includes(undefined)
    ? Number.POSITIVE_INFINITY
    : (secondsOf(asked, 'max-stale') ?? -1)
  if (!strict && stale && minFresh === 0 && beyond <= staleness) return { ...rest, kind: 'serve' }
  // Who names a `max-age` or `min-fresh` wants nothing stale (5.2.1.1).
  const takesStale = maxAge === undefined && minFresh === 0
  const behind = window(staleWhileRevalidateMs, 'stale-while-revalidate')
  if (!strict && takesStale && beyond < behind) return { ...rest, kind: 'behind' }
  return { ...rest, kind: 'validate' }
}
