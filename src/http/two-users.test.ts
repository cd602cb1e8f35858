/** Nobody sees what was meant for somebody else: random requests of two users, and caches that get it wrong. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { createHttpCache } from './create-http-cache.ts'
import type { HttpCache, Next } from './http-options.ts'

type Handle = (http: HttpCache, request: Request, next: Next) => Promise<Response>

const right: Handle = (http, request, next) => http.handle(request, next)

function without(request: Request, ...names: string[]): Request {
  const headers = new Headers(request.headers)
  for (const name of names) headers.delete(name)
  return new Request(request, { headers })
}

/** As a cache would do that does not know of credentials. */
const sharesAuthorization: Handle = (http, request, next) =>
  http.handle(without(request, 'authorization', 'cookie'), () => next(request))

/** As a cache would do that looks at no `Vary`. */
const forgetsVary: Handle = (http, request, next) =>
  http.handle(request, async (asked) => {
    const response = await next(asked)
    const headers = new Headers(response.headers)
    headers.delete('vary')
    return new Response(response.body, { status: response.status, headers })
  })

const someCredentials = fc.record(
  {
    authorization: fc.constantFrom('Bearer a', 'Bearer b', 'Basic YTpi', 'bearer a'),
    cookie: fc.constantFrom('sid=1', 'sid=2', 'sid=1; theme=dark', 'theme=dark; sid=1'),
  },
  { requiredKeys: [] },
)
const twoUsers = fc
  .tuple(someCredentials, someCredentials)
  .filter(([a, b]) => a.authorization !== b.authorization || a.cookie !== b.cookie)
const someDirectives = fc
  .subarray([
    ...['public', 'private', 'no-store', 'no-cache', 'max-age=60', 's-maxage=60', 'max-age=0'],
    ...['must-revalidate', 'stale-while-revalidate=60', 'stale-if-error=60', 'private="x-a"'],
  ])
  .map((directives) => directives.join(', '))
const someHeaders = fc.record(
  {
    'cache-control': someDirectives,
    expires: fc.constant('Fri, 01 Jan 2100 00:00:00 GMT'),
    vary: fc.constantFrom('accept-language', 'authorization', 'Cookie, Authorization', '*'),
    'set-cookie': fc.constant('sid=9'),
    etag: fc.constantFrom('"a"', 'W/"a"'),
  },
  { requiredKeys: [] },
)
const someRound = fc.record({
  users: twoUsers,
  headers: someHeaders,
  languages: fc.array(fc.constantFrom('de', 'en'), { minLength: 4, maxLength: 4 }),
  status: fc.constantFrom(200, 200, 200, 404, 301, 503),
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD'),
  together: fc.boolean(),
  asked: fc.constantFrom(undefined, 'no-cache', 'max-stale', 'only-if-cached'),
})
type Round = typeof someRound extends fc.Arbitrary<infer R> ? R : never

/** Plays what two users ask for at one URL; answers whose answer each of them got. */
async function play(http: HttpCache, handle: Handle, round: Round, path: string) {
  const { users, headers, languages, status, together, asked, method } = round
  const next: Next = async (request) => {
    const who = whoIs(request)
    return new Response(JSON.stringify(who), { status, headers: { ...headers, 'x-who': who } })
  }
  const ask = async (
    turn: number,
    user: 0 | 1,
    how: string,
  ): Promise<{ who: string; saw: string | null }> => {
    const fields = new Headers({ ...users[user], 'accept-language': languages[turn] ?? '' })
    if (asked !== undefined) fields.set('cache-control', asked)
    const request = new Request(`http://shop.test${path}`, { method: how, headers: fields })
    const response = await handle(http, request, next)
    const body = await response.text()
    const saw = response.headers.get('x-who')
    // Body and head are of one answer.
    if (body !== '' && saw !== null) expect(JSON.parse(body)).toBe(saw)
    return { who: whoIs(request), saw }
  }
  const turns = [
    () => ask(0, 0, 'GET'),
    () => ask(1, 1, method),
    () => ask(2, 0, method),
    () => ask(3, 1, 'GET'),
  ]
  const seen: { who: string; saw: string | null }[] = []
  if (together) seen.push(...(await Promise.all(turns.map((turn) => turn()))))
  else for (const turn of turns) seen.push(await turn())
  return { seen, varies: headers.vary === 'accept-language' }
}

function whoIs(request: Request): string {
  const { headers } = request
  return [
    headers.get('authorization'),
    headers.get('cookie'),
    headers.get('accept-language'),
  ].join()
}

/** Rounds until somebody has seen an answer that was for another, at most `runs`. */
async function findLeak(handle: Handle, runs: number): Promise<unknown> {
  const cache = createCache({ name: 'two-users', alerts: { hitRate: 0, patternHitRate: 'off' } })
  const http = createHttpCache({ cache })
  let at = 0
  try {
    const property = fc.asyncProperty(someRound, async (round) => {
      at += 1
      const { seen, varies } = await play(http, handle, round, `/${at}`)
      for (const { who, saw } of seen) {
        if (saw === null) continue
        const parts = (text: string): string[] => text.split(',')
        // The language counts where the answer says that it does.
        const counted = varies ? 3 : 2
        expect(parts(saw).slice(0, counted)).toEqual(parts(who).slice(0, counted))
      }
    })
    const { failed, counterexample, errorInstance } = await fc.check(property, {
      numRuns: runs,
      endOnFailure: true,
      seed: 7,
    })
    return failed ? { counterexample, why: String(errorInstance) } : undefined
  } finally {
    await cache.close()
  }
}

/** Not whatever else may go wrong. */
const seenByAnother = { why: expect.stringContaining('AssertionError') }

describe('two users with different credentials', () => {
  test('see no answer of each other in 10,000 random pairs', { timeout: 120_000 }, async () => {
    expect(await findLeak(right, 10_000)).toBeUndefined()
  })

  test('a cache that shares answers to other users is found out', async () => {
    expect(await findLeak(sharesAuthorization, 1_000)).toMatchObject(seenByAnother)
  })

  test('a cache that forgets `Vary` is found out', async () => {
    expect(await findLeak(forgetsVary, 2_000)).toMatchObject(seenByAnother)
  })
})
