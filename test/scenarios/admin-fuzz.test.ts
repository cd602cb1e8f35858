/** Requests of every kind of nonsense: whoever has no right changes nothing, and nothing ends in a 500. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Route } from '../../src/admin/route.ts'
import { adminRoutes } from '../../src/admin/routes/admin-routes.ts'
import type { Schema } from '../../src/admin/schema.ts'
import { API, HOST, type OpenAdmin, openAdmin, READ, WRITE } from './open-admin.ts'

const REQUESTS = 1_000

/** Texts that somebody may have forgotten. */
const hostile = fc.constantFrom(
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '%00',
  '\u0000',
  '%',
  '%zz',
  '\ud800',
  '1e999',
  '-0',
  'NaN',
  '9'.repeat(400),
  '*'.repeat(1_024),
  '['.repeat(40),
  `${'a*'.repeat(200)}b`,
  '<img src=x onerror=alert(1)>',
  '{"$gt":""}',
  "' OR 1=1 --",
  '\r\nSet-Cookie: a=b',
  'x'.repeat(9_000),
)
const text = fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 40 }))
const name = fc.oneof(
  fc.constantFrom('keys', 'key', 'tags', 'pattern', 'everything', 'dryRun', 'collection', 'mode'),
  fc.constantFrom('scope', 'share', 'token', 'limit', 'match', 'keyType'),
  text,
)
const word = fc.constantFrom('product', 'on', 'off', 'memory', 'fleet', 'any', 'number', 'greeting')
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    text,
    word,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 5 }),
    fc.dictionary(name, tie('any'), { maxKeys: 5 }),
  ),
})).any
/** Members that the route knows, most often, with values of any kind. */
function membersOf(schema: Schema | undefined): fc.Arbitrary<Record<string, unknown>> {
  const known = Object.keys(schema?.properties ?? {})
  const key =
    known.length === 0 ? name : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...known) }, name)
  return fc.dictionary(key, fc.oneof(word, fc.constantFrom(true, 1, ['1'], ['greeting']), value), {
    maxKeys: 3,
  })
}

/** What the route itself may be asked, or something that is bent at one place or another. */
function requestFor(route: Route) {
  return fc.record({
    method: fc.oneof(
      { weight: 6, arbitrary: fc.constant(route.method) },
      fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'),
    ),
    path: fc.constant(route.path),
    params: fc.oneof({ weight: 3, arbitrary: fc.constant('product') }, part),
    query: membersOf(route.query).map((one) =>
      Object.entries(one).map(([key, text]) => [
        key,
        typeof text === 'string' ? text : (JSON.stringify(text) ?? ''),
      ]),
    ),
    headers: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.array(header, { maxLength: 2 }),
    ),
    isJson: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
    body: fc.oneof(
      { weight: 6, arbitrary: membersOf(route.body).map((one) => JSON.stringify(one)) },
      value.map((one) => JSON.stringify(one) ?? ''),
      text,
      fc.constant('['.repeat(20_000)),
    ),
    address: fc.ipV4().map((address) => address.replace(/^\d+/, '127')),
  })
}

const part = fc.oneof(word, text.map(encodeURIComponentSafely), text)
const header = fc.constantFrom<Record<string, string>>(
  { 'content-type': 'application/json; charset=utf-8' },
  { 'content-type': 'text/plain' },
  { origin: `http://${HOST}` },
  { origin: 'https://evil.example' },
  { 'sec-fetch-site': 'cross-site' },
  { host: 'evil.example' },
  { cookie: 'tiercel-3000=guess' },
  { 'x-forwarded-for': '127.0.0.1' },
)
const nowhere = fc
  .tuple(requestFor(adminRoutes[0] as Route), fc.array(part, { maxLength: 4 }))
  .map(([one, parts]) => ({ ...one, path: parts.join('/') }))
const asked = fc.oneof(nowhere, ...adminRoutes.map(requestFor))
type Fuzzed = typeof asked extends fc.Arbitrary<infer T> ? T : never

function encodeURIComponentSafely(part: string): string {
  return part.isWellFormed() ? encodeURIComponent(part) : 'broken'
}

/** `undefined`: no client could send it. */
function requestOf(one: Fuzzed, token: string | undefined): Request | undefined {
  const query = new URLSearchParams()
  for (const [key = '', text = ''] of one.query) query.append(key, text)
  const filled = one.path.replace(/:\w+/g, () => one.params)
  const headers = new Headers({ host: HOST })
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  if (one.isJson) headers.set('content-type', 'application/json')
  for (const pairs of one.headers) {
    for (const [key, text] of Object.entries(pairs)) headers.set(key, text)
  }
  try {
    return new Request(`http://${HOST}${API}${filled}?${query}`, {
      method: one.method,
      headers,
      ...(['GET', 'HEAD'].includes(one.method) ? {} : { body: one.body }),
    })
  } catch {
    return undefined
  }
}

async function stateOf({ cache, products, json }: OpenAdmin): Promise<unknown> {
  const { invalidations, memory } = await cache.usage()
  const audit = await json<{ outcome: string }[]>('audit?limit=500')
  return {
    modes: await json('modes'),
    invalidations: invalidations.total,
    entries: memory.entries,
    queue: await products.queue.status(),
    cleanUp: await json('clean-up'),
    changes: audit.filter(({ outcome }) => outcome !== 'refused'),
  }
}

/** Answers how often each status came. */
async function fuzz(open: OpenAdmin, tokens: fc.Arbitrary<string | undefined>): Promise<object> {
  const statuses: Record<number, number> = {}
  await fc.assert(
    fc.asyncProperty(asked, tokens, async (one, token) => {
      const request = requestOf(one, token)
      if (request === undefined) return
      const response = await open.admin.fetch(request, { remoteAddress: one.address })
      await response.body?.cancel()
      statuses[response.status] = (statuses[response.status] ?? 0) + 1
      expect(response.status).toBeLessThan(500)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    }),
    { numRuns: REQUESTS },
  )
  return statuses
}

describe('a thousand requests of nonsense', () => {
  test('of callers who may not change anything change nothing', async () => {
    const open = await openAdmin()
    const before = await stateOf(open)
    const tokens = fc.constantFrom(undefined, 'guess-of-a-token-1234', READ, READ, READ, '\u00ff')
    const statuses = await fuzz(open, tokens)
    expect(await stateOf(open)).toEqual(before)
    // What is refused for another reason shows nothing of rights.
    expect(statuses).toMatchObject({ 401: expect.any(Number), 403: expect.any(Number) })
  })

  test('of a caller who may change everything end in no 500', async () => {
    const open = await openAdmin({ values: 'shown' })
    const statuses = await fuzz(open, fc.constant(WRITE))
    expect(statuses).toMatchObject({ 200: expect.any(Number), 400: expect.any(Number) })
  })
})
