/** Puts the admin API together. Whoever listens hands each request to `fetch`. */

import { ConfigError } from '../contracts/errors.ts'
import type { Admin, AdminOptions, AdminRole, RequestOrigin } from './admin-options.ts'
import { AdminProblem } from './admin-problem.ts'
import { answerAsset, answerJson, answerProblem } from './answer.ts'
import { AuditTrail } from './audit-trail.ts'
import { checkClient, checkHost, refuseTwoHosts } from './check-caller.ts'
import { tooMany } from './check-tries.ts'
import { authorize, handleApi } from './handle-request.ts'
import { JobBoard } from './job-board.ts'
import { LiveFeed } from './live-feed.ts'
import { liveFigures } from './live-figures.ts'
import { API_PATH } from './open-api.ts'
import { Probes } from './probes.ts'
import { problemOf } from './problem-of.ts'
import { RecentActivity } from './recent-activity.ts'
import { RequestAllowance } from './request-allowance.ts'
import { resolveAdminOptions } from './resolve-admin-options.ts'
import type { AdminParts } from './route.ts'
import { adminRoutes } from './routes/admin-routes.ts'
import { Sessions } from './sessions.ts'
import { SystemTime } from './system-time.ts'

/** Tries to come in that may fail: so many at once, and one a second. */
const FAILED_TRIES = { perSecond: 1, atOnce: 30 }

/**
 * An HTTP API over one cache: figures, health, one key, invalidation, clean-up, warming, queues, switches,
 * and what goes on, live. Closed unless a token is set.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { createCache } from 'tiercel'
 * import { adminListener, createAdmin } from 'tiercel/admin'
 *
 * await using cache = createCache({ name: 'shop' })
 * using admin = createAdmin({ cache, token: 'kY2e6R8n0uJw4Bq1' })
 * const server = createServer(adminListener(admin))
 * server.close() // .listen(9000, '127.0.0.1')
 * ```
 *
 * @throws ConfigError naming the option that cannot work.
 */
export function createAdmin(options: AdminOptions): Admin {
  return new CacheAdmin(options)
}

class CacheAdmin implements Admin {
  readonly #options: AdminOptions
  readonly #base: string
  readonly #probes: Probes
  readonly #requests: RequestAllowance
  /** `undefined`: the API is closed, and nothing of it exists. */
  readonly #parts: AdminParts | undefined

  constructor(options: AdminOptions) {
    const { cache, clock = new SystemTime(), onAudit } = options
    const resolved = resolveAdminOptions(options)
    const { digests, base, requestsPerSecond, sessionMs, auditKeys } = resolved
    this.#options = options
    this.#base = base
    this.#probes = new Probes(cache, () => clock.monotonic())
    const allowance = { perSecond: requestsPerSecond, atOnce: 2 * requestsPerSecond }
    this.#requests = new RequestAllowance(clock, allowance)
    if (digests.read === undefined && digests.write === undefined) return
    const live = new LiveFeed({ clock, figures: () => liveFigures(cache) })
    const tell = [
      (record: object) => live.send('audit', record),
      ...(onAudit === undefined ? [] : [onAudit]),
    ]
    this.#parts = {
      cache,
      options: resolved,
      clock,
      live,
      sessions: new Sessions(clock, sessionMs),
      audit: new AuditTrail({ clock, keys: auditKeys, tell }),
      activity: new RecentActivity(cache, clock, ({ event, data }) => live.send(event, data)),
      jobs: new JobBoard(clock),
      failures: new RequestAllowance(clock, FAILED_TRIES),
      routes: adminRoutes,
    }
  }

  get state(): 'closed' | 'open' {
    return this.#parts === undefined ? 'closed' : 'open'
  }

  async fetch(request: Request, origin: RequestOrigin = {}): Promise<Response> {
    const response = await this.#handle(request, origin).catch((error: unknown) =>
      answerProblem(problemOf(error)),
    )
    if (request.method !== 'HEAD' || response.body === null) return response
    await response.body.cancel()
    const { status, headers } = response
    return new Response(null, { status, headers })
  }

  refusal(request: Request, role: AdminRole, origin: RequestOrigin = {}): Response | undefined {
    try {
      const url = new URL(request.url)
      refuseTwoHosts(origin)
      authorize({ parts: this.#entered(request, url, origin), request, url, origin }, role)
      return undefined
    } catch (error) {
      return answerProblem(problemOf(error))
    }
  }

  oneTimeToken(role: AdminRole = 'write'): string {
    if (this.#parts !== undefined) return this.#parts.sessions.oneTimeToken(role)
    throw new ConfigError({
      field: 'token',
      expected: 'given, since without one the API is closed',
      actual: undefined,
    })
  }

  close(): void {
    this.#parts?.activity.close()
    this.#parts?.live.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async #handle(request: Request, origin: RequestOrigin): Promise<Response> {
    const url = new URL(request.url)
    refuseTwoHosts(origin)
    const path = this.#below(url.pathname)
    const probe = /^\/health\/(live|ready)$/.exec(path ?? url.pathname)?.[1]
    if (probe !== undefined) return await this.#probe(probe, request)
    if (path === undefined) throw nothingHere()
    const parts = this.#entered(request, url, origin)
    if (path.startsWith(API_PATH)) {
      const below = path.slice(API_PATH.length)
      return await handleApi({ parts, request, url, path: below, origin })
    }
    return this.#page(path, request)
  }

  /** Whoever may knock at all. @throws AdminProblem */
  #entered(request: Request, url: URL, origin: RequestOrigin): AdminParts {
    const parts = this.#parts
    if (parts === undefined) throw nothingHere()
    const { clients, hosts } = parts.options
    checkClient(clients, origin)
    checkHost(hosts, request, url)
    const waitMs = this.#requests.take(origin.remoteAddress ?? '')
    if (waitMs > 0) throw tooMany(waitMs)
    return parts
  }

  /** `undefined`: it stands elsewhere. */
  #below(pathname: string): string | undefined {
    if (pathname === this.#base) return ''
    return pathname.startsWith(`${this.#base}/`) ? pathname.slice(this.#base.length) : undefined
  }

  async #probe(name: string, { method }: Request): Promise<Response> {
    if (method !== 'GET' && method !== 'HEAD') throw nothingHere()
    const isWell = name === 'live' || (await this.#probes.isReady())
    return answerJson({ status: isWell ? 'ok' : 'unavailable' }, isWell ? 200 : 503)
  }

  /** @throws AdminProblem */
  #page(path: string, request: Request): Response {
    const { dashboard } = this.#options
    if (dashboard === undefined || !['GET', 'HEAD'].includes(request.method)) throw nothingHere()
    if (path === '') {
      // Without the slash, what the page refers to would be looked for beside it.
      return answerJson({}, 308, { location: `${this.#base}/` })
    }
    const asset = dashboard.asset(path.slice(1))
    if (asset === undefined) throw nothingHere()
    return answerAsset(asset, request)
  }
}

function nothingHere(): AdminProblem {
  return new AdminProblem('not-found', 'There is nothing here.', { field: 'path' })
}
