/** Which policy a URL has. */

import { ConfigError } from '../contracts/errors.ts'
import { checkRoute } from './check-options.ts'
import type { HttpCacheOptions, HttpPolicy, HttpRoute } from './http-options.ts'
import { type ResolvedPolicy, resolvePolicy } from './resolve-policy.ts'

/** They are written, not made from data. */
const ROUTES_MAX = 1_000

/** @throws ConfigError naming the field that cannot work. */
export function routePolicies(options: HttpCacheOptions): (url: URL) => ResolvedPolicy {
  const routes = options.routes ?? []
  if (!Array.isArray(routes) || routes.length > ROUTES_MAX) {
    throw new ConfigError({
      field: 'routes',
      expected: `a list of at most ${ROUTES_MAX}`,
      actual: routes,
    })
  }
  const everywhere = resolvePolicy(options, '')
  const resolved = routes.map((route: HttpRoute, at) => {
    checkRoute(route, `routes[${at}]`)
    return {
      fits: pathMatcher(route.path, `routes[${at}].path`),
      policy: resolvePolicy(over(options, route), `routes[${at}].`),
    }
  })
  return ({ pathname }) => resolved.find(({ fits }) => fits(pathname))?.policy ?? everywhere
}

function over(base: HttpPolicy, route: HttpRoute): HttpPolicy {
  return { ...base, ...route, override: { ...base.override, ...route.override } }
}

function pathMatcher(path: unknown, field: string): (pathname: string) => boolean {
  if (typeof path !== 'string' || !path.startsWith('/') || /\*\*(?!$)/.test(path)) {
    throw new ConfigError({
      field,
      expected: 'a path from `/` on, with `**` at its end only',
      actual: path,
    })
  }
  const rest = path.endsWith('/**')
  const segments = (rest ? path.slice(0, -3) : path).split('/')
  return (pathname) => {
    const asked = pathname.split('/')
    if (rest ? asked.length < segments.length : asked.length !== segments.length) return false
    return segments.every((segment, at) =>
      segment === '*' || segment.startsWith(':') ? asked[at] !== '' : segment === asked[at],
    )
  }
}
