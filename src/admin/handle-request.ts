/**
 * The way of one request: who asks and by what name, how much, from whose page, with what right; only then
 * what for. Each step refuses with a problem, so that nothing behind it is reached.
 */

import type { AdminRole, RequestOrigin } from './admin-options.ts'
import { AdminProblem } from './admin-problem.ts'
import { answerBody, answerJson } from './answer.ts'
import type { AuditNote } from './audit-trail.ts'
import { bearerOf, callerByCookie, roleOf } from './authenticate.ts'
import { checkAgainst } from './check-against.ts'
import { checkSite, requireSite } from './check-caller.ts'
import { checkTries } from './check-tries.ts'
import { problemOf } from './problem-of.ts'
import { isJson, readJsonBody } from './read-json-body.ts'
import { readQuery } from './read-query.ts'
import type { AdminParts, Caller, Route, RouteAnswer, RouteCall } from './route.ts'
import { type FoundRoute, findRoute } from './router.ts'

export interface ApiRequest {
  readonly parts: AdminParts
  readonly request: Request
  readonly url: URL
  /** Below the prefix of the API. */
  readonly path: string
  readonly origin: RequestOrigin
}

/** @throws AdminProblem, or whatever the cache throws */
export async function handleApi(asked: ApiRequest): Promise<Response> {
  const { request, url } = asked
  checkSite(request, url)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const search = findRoute(asked.parts.routes, method, asked.path)
  const isOpen = search.kind === 'found' && search.route.role === 'none'
  const caller = isOpen ? undefined : authenticate(asked)
  if (search.kind === 'found') {
    const answer = await carryOut(asked, search, caller)
    return written(answer, search.route)
  }
  // Told to callers alone: others need not know what there is.
  if (search.kind === 'nothing') {
    throw new AdminProblem('not-found', 'There is no such route.', { field: 'path' })
  }
  throw new AdminProblem('method-not-allowed', 'This route has no such method.', {
    headers: { allow: search.methods.join(', ') },
  })
}

/** For routes that are not of this API. @throws AdminProblem */
export function authorize(asked: Omit<ApiRequest, 'path'>, role: AdminRole): void {
  checkSite(asked.request, asked.url)
  const caller = authenticate(asked)
  if (role === 'write' && caller.role !== 'write') throw mayOnlyRead()
  const { method } = asked.request
  if (caller.via === 'session' && method !== 'GET' && method !== 'HEAD') requireSite(asked.request)
}

function mayOnlyRead(): AdminProblem {
  return new AdminProblem('forbidden', 'This token may only read.')
}

/** @throws AdminProblem */
function authenticate({ parts, request, url, origin }: Omit<ApiRequest, 'path'>): Caller {
  const token = bearerOf(request)
  // What a session is known by cannot be guessed, so only tokens are tried a few times and no more.
  const byCookie = token === undefined ? callerByCookie(request, url, parts.sessions) : undefined
  if (byCookie !== undefined) return byCookie
  if (token !== undefined) {
    checkTries(parts, origin.remoteAddress)
    const role = roleOf(parts.options.digests, token)
    if (role !== undefined) return { role, via: 'token', stands: () => true }
    parts.failures.take(origin.remoteAddress ?? '')
  }
  throw new AdminProblem('unauthorized', 'Expected a token that fits.', {
    headers: { 'www-authenticate': 'Bearer realm="tiercel"' },
  })
}

async function carryOut(
  asked: ApiRequest,
  { route, params }: FoundRoute,
  caller: Caller | undefined,
): Promise<RouteAnswer> {
  const { parts, request, url, origin } = asked
  const startedAt = parts.clock.monotonic()
  let noted: AuditNote | undefined
  const record = (note: AuditNote, end: { outcome: Outcome; status: number }): void => {
    if (caller === undefined) return
    const durationMs = parts.clock.monotonic() - startedAt
    const { role, via } = caller
    const { remoteAddress = '' } = origin
    parts.audit.add({ ...note, action: route.path, role, via, remoteAddress, ...end, durationMs })
  }
  if (route.role === 'write' && caller?.role !== 'write') {
    record({}, { outcome: 'refused', status: 403 })
    throw mayOnlyRead()
  }
  const call: RouteCall = {
    parts,
    params,
    caller,
    request,
    url,
    remoteAddress: origin.remoteAddress ?? '',
    ...(await inputOf(asked, route, caller)),
    note: (note) => {
      noted = note
    },
  }
  try {
    const answer = await route.run(call)
    const { status = 200 } = 'json' in answer ? answer : {}
    if (noted !== undefined) record(noted, { outcome: status === 202 ? 'begun' : 'done', status })
    return answer
  } catch (error) {
    if (noted !== undefined) record(noted, { outcome: 'failed', status: problemOf(error).status })
    throw error
  }
}

type Outcome = 'done' | 'begun' | 'failed' | 'refused'

async function inputOf(
  { request, url, parts, origin }: ApiRequest,
  route: Route,
  caller: Caller | undefined,
): Promise<{ readonly query: unknown; readonly body: unknown }> {
  if (request.method === 'HEAD' && route.type === 'text/event-stream') {
    throw new AdminProblem('method-not-allowed', 'What is live has no head.', {
      headers: { allow: 'GET' },
    })
  }
  const query = readQuery(route.query, url)
  if (route.method === 'GET') return { query, body: undefined }
  if (caller?.via !== 'token') {
    if (caller !== undefined) requireSite(request)
    else checkTries(parts, origin.remoteAddress)
  }
  if (route.method === 'DELETE') return { query, body: undefined }
  if (!isJson(request)) {
    throw new AdminProblem('unsupported-media-type', 'Expected `application/json`.', {
      field: 'content-type',
    })
  }
  const body = await readJsonBody(request)
  checkAgainst(route.body ?? {}, body, 'body')
  return { query, body }
}

function written(answer: RouteAnswer, { status = 200 }: Route): Response {
  if ('json' in answer) {
    return answerJson(answer.json, answer.status ?? status, answer.headers)
  }
  return answerBody(answer.body, answer.type)
}
