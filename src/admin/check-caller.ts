/**
 * Who a request comes from, before anybody asks what it wants: its address, the name it asks by, and the
 * site whose page has sent it.
 */

import type { RequestOrigin } from './admin-options.ts'
import { AdminProblem } from './admin-problem.ts'

/**
 * Node takes the first of two `Host` headers and a proxy may take the second: who sends two wants one
 * to be checked and the other to be used.
 *
 * @throws AdminProblem
 */
export function refuseTwoHosts({ rawHeaders = [] }: RequestOrigin): void {
  const names = rawHeaders.filter((_, index) => index % 2 === 0)
  if (names.filter((name) => name.toLowerCase() === 'host').length > 1) {
    throw new AdminProblem('bad-request', 'Expected one `Host` header.', { field: 'host' })
  }
}

/** @throws AdminProblem */
export function checkClient(clients: 'loopback' | 'any', { remoteAddress }: RequestOrigin): void {
  if (clients === 'any' || isLoopback(remoteAddress)) return
  throw new AdminProblem(
    'forbidden',
    remoteAddress === undefined
      ? "Nobody has said where this comes from: give `remoteAddress` to `fetch`, or `clients: 'any'`."
      : "Only this machine may ask; `clients: 'any'` lets others in.",
  )
}

/** All of 127.0.0.0/8 is this machine: RFC 1122, section 3.2.1.3. */
function isLoopback(address: string | undefined): boolean {
  return /^(::1|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.test(address ?? '')
}

/**
 * Against DNS rebinding: a page elsewhere can have its own name point to this machine, and is then of the
 * same origin, but it cannot ask by another name.
 *
 * @throws AdminProblem
 */
export function checkHost(hosts: readonly string[], request: Request, url: URL): void {
  const names = [url.host, request.headers.get('host') ?? url.host]
  if (names.every((name) => isAllowed(hosts, name.toLowerCase()))) return
  throw new AdminProblem('misdirected', 'This name is not one that the option `hosts` allows.', {
    field: 'host',
  })
}

function isAllowed(hosts: readonly string[], host: string): boolean {
  return hosts.includes(host) || hosts.includes(host.replace(/:\d{1,5}$/, ''))
}

/**
 * Against pages of other sites that send a browser here with its cookie. `same-site` is refused too: to a
 * browser all ports of one machine are one site.
 *
 * @throws AdminProblem
 */
export function checkSite(request: Request, url: URL): void {
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  const isElsewhere = site !== null && site !== 'same-origin' && site !== 'none'
  if (!isElsewhere && (origin === null || hostOf(origin) === hostAsked(request, url))) return
  throw new AdminProblem('forbidden', 'Only pages of the dashboard itself may ask for that.', {
    field: isElsewhere ? 'sec-fetch-site' : 'origin',
  })
}

/**
 * A browser says with every change where it comes from; a change by cookie that does not say so comes
 * from none that keeps to the rules by which cookies are safe.
 *
 * @throws AdminProblem
 */
export function requireSite({ headers }: Request): void {
  if (headers.has('origin') || headers.get('sec-fetch-site') === 'same-origin') return
  throw new AdminProblem('forbidden', 'A change by cookie has to say from where it comes.', {
    field: 'origin',
  })
}

/** `null`, as sandboxed pages have it, is nowhere. The scheme does not count: a proxy may end TLS. */
function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host
}

function hostAsked({ headers }: Request, url: URL): string {
  // As `hostOf` has it: without the port that goes without saying.
  return URL.parse(`http://${headers.get('host') ?? url.host}`)?.host ?? url.host
}
