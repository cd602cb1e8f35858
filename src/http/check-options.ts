/** Whether the options of an HTTP cache are ones that there are: of the whole, of a route, of what is overridden. */

import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { HttpCacheOptions, HttpOverride, HttpPolicy, HttpRoute } from './http-options.ts'

const POLICY: Known<HttpPolicy> = {
  caching: true,
  query: true,
  varyBy: true,
  tags: true,
  invalidates: true,
  heuristics: true,
  maxBytes: true,
  override: true,
}
const ROUTE: Known<HttpRoute> = { ...POLICY, path: true }
const WHOLE: Known<HttpCacheOptions> = {
  ...POLICY,
  cache: true,
  name: true,
  hosts: true,
  routes: true,
  keepStale: true,
  activity: true,
  waitUntil: true,
  onError: true,
  clock: true,
}
const OVERRIDE: Known<HttpOverride> = {
  freshFor: true,
  authorization: true,
  cookies: true,
  setCookie: true,
  private: true,
  noStore: true,
  requestDirectives: true,
  sMaxage: true,
  staleWhileRevalidate: true,
  staleIfError: true,
}
const HEURISTICS: Known<Exclude<NonNullable<HttpPolicy['heuristics']>, string>> = {
  share: true,
  most: true,
}

/** @throws ConfigError */
export function checkWhole(options: HttpCacheOptions): void {
  checkKnown(options, WHOLE)
  checkParts(options, '')
}

/** @throws ConfigError */
export function checkRoute(route: HttpRoute, name: string): void {
  checkKnown(route, ROUTE, { name, path: `${name}.` })
  checkParts(route, `${name}.`)
}

function checkParts({ override, heuristics }: HttpPolicy, path: string): void {
  if (override !== undefined) {
    checkKnown(override, OVERRIDE, { name: `${path}override`, path: `${path}override.` })
  }
  if (typeof heuristics === 'object') {
    checkKnown(heuristics, HEURISTICS, { name: `${path}heuristics`, path: `${path}heuristics.` })
  }
}
