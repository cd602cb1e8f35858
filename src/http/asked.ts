/** One request, with all that is known of it before anything is looked up. */

import type { Directives } from './cache-control.ts'
import { primaryKey, targetOf } from './entry-keys.ts'
import type { HandleOptions, Next } from './http-options.ts'
import type { HttpSetup } from './http-setup.ts'
import { directivesOfRequest } from './may-serve.ts'
import type { ResolvedPolicy } from './resolve-policy.ts'

export interface Asked {
  readonly request: Request
  readonly next: Next
  readonly behind: Next | 'never'
  readonly answered: Promise<unknown> | undefined
  readonly policy: ResolvedPolicy
  readonly directives: Directives
  /** The URL as the cache tells it from others. */
  readonly target: string
  readonly key: string
}

/** A request that the cache has nothing to do with, and why; RFC 9211, 2.2 and 2.8. */
export interface PassedBy {
  readonly fwd: 'bypass' | 'request'
  readonly detail: string
}

export async function describeRequest(
  setup: HttpSetup,
  request: Request,
  url: URL,
  how: { readonly next: Next; readonly options: HandleOptions },
): Promise<Asked | PassedBy> {
  const policy = setup.policyOf(url)
  if (policy.caching === 'off') return { fwd: 'bypass', detail: 'route' }
  if (!setup.allowsHost(url.host)) return { fwd: 'bypass', detail: 'host' }
  // RFC 9111, 3.3: parts are neither kept nor put together here.
  if (request.headers.has('range')) return { fwd: 'bypass', detail: 'range' }
  // RFC 9110, 13.1.1 and 13.1.4: not for a cache to judge.
  if (request.headers.has('if-match') || request.headers.has('if-unmodified-since')) {
    return { fwd: 'bypass', detail: 'condition' }
  }
  const directives = directivesOfRequest(request, policy)
  // RFC 9111, 5.2.1.5.
  if (directives.has('no-store')) return { fwd: 'request', detail: 'no-store' }
  const target = targetOf(url, policy)
  const key = await primaryKey(request, target, policy)
  const { next, options } = how
  const { behind = next, answered } = options
  return { request, next, behind, answered, policy, directives, target, key }
}
