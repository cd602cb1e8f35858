/** What a user says about caching: keys, tags, overrides, activity, and what happens where things fail. */

import { describe, expect, test, vi } from 'vitest'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/index.ts'
import { createHttpCache } from './create-http-cache.ts'
import { primaryKey, selectionOf, targetOf } from './entry-keys.ts'
import type { HttpCacheOptions, HttpOverride } from './http-options.ts'
import { resolvePolicy } from './resolve-policy.ts'

type Fields = Record<string, string>

function setup(options: Omit<Partial<HttpCacheOptions>, 'cache'> = {}) {
  const cache = createCache({ name: 'policies', idle: {} })
  const errors: unknown[] = []
  const http = createHttpCache({ cache, onError: (error) => void errors.push(error), ...options })
  let asked = 0
  const ask = async (path: string, { fields = {}, method = 'GET', answer = {} }: Asking = {}) => {
    const before = asked
    const request = new Request(`http://shop.test${path}`, { headers: fields, method })
    const response = await http.handle(request, () => {
      asked += 1
      return new Response(`body ${asked}`, {
        headers: { 'cache-control': 'max-age=60', ...answer },
      })
    })
    return { body: await response.text(), headers: response.headers, asked: asked > before }
  }
  /** Whether a second request is answered by what the first one left. */
  const shares = async (first: [string, Asking?], second: [string, Asking?]): Promise<boolean> => {
    await ask(...first)
    return !(await ask(...second)).asked
  }
  return {
    cache,
    http,
    errors,
    ask,
    shares,
    [Symbol.asyncDispose]: async () => void (await cache.close()),
  }
}

interface Asking {
  readonly fields?: Fields
  readonly method?: string
  readonly answer?: Fields
}

describe('the key', () => {
  test.each([
    ['/a?b=1&a=2', '/a?a=2&b=1', true],
    ['/a?a=1&a=2', '/a?a=2&a=1', false],
    ['/a?a=1', '/a?a=2', false],
    ['/a?a', '/a?a=', false],
    ['/a', '/A', false],
    ['/a', '/a/', false],
    ['/a%2Fb', '/a/b', false],
  ])('of %s and %s is one: %s', async (first, second, same) => {
    await using scene = setup()
    expect(await scene.shares([first], [second])).toBe(same)
  })

  test('leaves out parameters that are to be ignored', async () => {
    await using scene = setup({ query: { ignore: ['utm_*', 'fbclid'] } })
    expect(await scene.shares(['/a?q=1'], ['/a?utm_source=x&q=1&fbclid=2&utm%5Fterm=3'])).toBe(true)
    expect(await scene.shares(['/a?q=1'], ['/a?q=1&ref=2'])).toBe(false)
  })

  test('of a route has what counts there', async () => {
    await using scene = setup({ routes: [{ path: '/list/:kind', query: { count: ['page'] } }] })
    expect(await scene.shares(['/list/x?page=1'], ['/list/x?sort=a&page=1'])).toBe(true)
    expect(await scene.shares(['/list/x?page=1'], ['/list/x?page=2'])).toBe(false)
    expect(await scene.shares(['/other/x?page=1'], ['/other/x?sort=a&page=1'])).toBe(false)
  })

  test('of a very long URL is not cut off', async () => {
    await using scene = setup()
    const long = `/a?q=${'x'.repeat(3_000)}`
    expect(await scene.shares([`${long}1`], [`${long}2`])).toBe(false)
    expect(await scene.shares([`${long}1`], [`${long}1`])).toBe(true)
  })

  test('has nothing in it by which somebody proves who they are', async () => {
    const url = new URL('http://shop.test/a')
    const headers = {
      authorization: 'Bearer secret-1',
      cookie: 'sid=secret-2',
      'x-token': 'secret-3',
    }
    const request = new Request(url, { headers })
    const policy = resolvePolicy({ varyBy: ['x-token'] }, '')
    const key = await primaryKey(request, targetOf(url, policy), policy)
    const keys = [`${key} ${await selectionOf(request, ['x-token', 'cookie'])}`]
    expect(keys[0]).toMatch(/^GET http:\/\/shop\.test\/a [0-9a-f]{32} [0-9a-f]{32}$/)
    expect(keys).toHaveLength(1)
    expect(keys.join()).not.toContain('secret')
  })

  test('has fields that count everywhere', async () => {
    await using scene = setup({ varyBy: ['X-Tenant'] })
    expect(
      await scene.shares(
        ['/a', { fields: { 'x-tenant': '1' } }],
        ['/a', { fields: { 'x-tenant': '2' } }],
      ),
    ).toBe(false)
    expect((await scene.ask('/a', { fields: { 'x-tenant': '1' } })).asked).toBe(false)
  })
})

describe('an override', () => {
  const user = (name: string): Asking => ({ fields: { authorization: name } })
  const cookie = (text: string): Asking => ({ fields: { cookie: text } })

  test.each<[string, HttpOverride, Asking, Asking]>([
    ['authorization', { authorization: 'shared' }, user('a'), user('b')],
    ['cookies', { cookies: 'shared' }, cookie('a=1'), cookie('a=2')],
    [
      'cookies that count',
      { cookies: { count: ['lang'] } },
      cookie('lang=de; x=1'),
      cookie('x=2; lang=de'),
    ],
    ['private', { private: 'kept' }, said('private, max-age=9'), said('private, max-age=9')],
    ['noStore', { noStore: 'kept' }, said('no-store, max-age=9'), said('no-store, max-age=9')],
    ['freshFor', { freshFor: '1m' }, said('max-age=0'), said('max-age=0')],
    [
      'requestDirectives',
      { requestDirectives: 'ignored' },
      {},
      { fields: { 'cache-control': 'no-cache' } },
    ],
  ])('of %s is needed, and shares', async (_, override, first, second) => {
    await using without = setup()
    expect(await without.shares(['/a', first], ['/a', second])).toBe(false)
    await using scene = setup({ routes: [{ path: '/**', override }] })
    expect(await scene.shares(['/a', first], ['/a', second])).toBe(true)
  })

  test('of cookies tells apart by those that count', async () => {
    await using scene = setup({ override: { cookies: { count: ['lang'] } } })
    expect(await scene.shares(['/a', cookie('lang=de')], ['/a', cookie('lang=en')])).toBe(false)
  })

  test('of private keeps users apart all the same', async () => {
    await using scene = setup({ override: { private: 'kept' } })
    const answer = { 'cache-control': 'private, max-age=60' }
    const ask = (name: string) => scene.ask('/a', { ...user(name), answer })
    const bodies = [await ask('a'), await ask('b'), await ask('a')].map(({ body }) => body)
    expect(bodies).toEqual(['body 1', 'body 2', 'body 1'])
  })

  test.each<[string, HttpOverride, Fields, Fields]>([
    ['cookies that count', { cookies: { count: ['lang'] } }, { cookie: 'a=1' }, { cookie: 'a=2' }],
    ['shared cookies', { cookies: 'shared' }, { cookie: 'a=1' }, { cookie: 'a=2' }],
    [
      'shared authorization',
      { authorization: 'shared' },
      { authorization: '1' },
      { authorization: '2' },
    ],
  ])('of private keeps users apart in spite of %s', async (_, override, one, other) => {
    const answer = { 'cache-control': 'private, max-age=60' }
    const both: Omit<HttpCacheOptions, 'cache'>[] = [
      { override: { ...override, private: 'kept' } },
      { override, routes: [{ path: '/me', override: { private: 'kept' } }] },
      { override: { private: 'kept' }, routes: [{ path: '/me', override }] },
    ]
    for (const options of both) {
      await using scene = setup(options)
      const ask = (fields: Fields) => scene.ask('/me', { fields, answer })
      const all = [await ask(one), await ask(other), await ask(one)]
      expect(all.map(({ body }) => body)).toEqual(['body 1', 'body 2', 'body 1'])
      // Those who ask at once do not wait for each other's either.
      await scene.http.invalidate('http://shop.test/me')
      const [here, there] = await Promise.all([ask(one), ask(other)])
      expect(here.body).not.toBe(there.body)
      // Whoever they are for, they go with their URL.
      await scene.ask('/me', { method: 'PUT' })
      expect([(await ask(one)).asked, (await ask(other)).asked]).toEqual([true, true])
    }
  })

  test('of setCookie keeps the answer without the cookie', async () => {
    await using scene = setup({ override: { setCookie: 'removed' } })
    const answer = { 'set-cookie': 'a=b' }
    expect((await scene.ask('/a', { answer })).headers.has('set-cookie')).toBe(true)
    const second = await scene.ask('/a', { answer })
    expect([second.asked, second.headers.has('set-cookie')]).toEqual([false, false])
  })

  test.each([
    ['a 304', 'GET', 304],
    ['a HEAD', 'HEAD', 200],
  ])(
    'of setCookie leaves the cookies of %s to whoever has caused it',
    async (_, method, status) => {
      const clock = new FakeClock(Date.UTC(2030, 0, 1))
      const cache = createCache({ name: 'cookies' }, { clock })
      const work: Promise<unknown>[] = []
      const waitUntil = (promise: Promise<unknown>): void => void work.push(promise)
      const override = { setCookie: 'removed' } as const
      const http = createHttpCache({ cache, clock, waitUntil, override })
      const ask = async (how: string, answer: () => Response) => {
        const request = new Request('http://shop.test/', { method: how })
        const response = await http.handle(request, answer)
        const body = await response.text()
        await Promise.all(work)
        return [body, ...response.headers.getSetCookie()]
      }
      const headers = (...cookies: string[]): Headers => {
        const all = new Headers({ 'cache-control': 'max-age=60', etag: '"a"' })
        for (const cookie of cookies) all.append('set-cookie', cookie)
        return all
      }
      const page = () => new Response('page', { headers: headers('a=1') })
      expect(await ask('GET', page)).toEqual(['page', 'a=1'])
      await clock.advance(61_000)
      const renewal = () => new Response(null, { status, headers: headers('a=2', 'b=2') })
      expect((await ask(method, renewal)).slice(1)).toEqual(['a=2', 'b=2'])
      expect(await ask('GET', page)).toEqual(['page'])
      await cache.close()
    },
  )

  test.each<[string, Omit<HttpCacheOptions, 'cache'>]>([
    ['override.private', { override: { private: 'shared' as never } }],
    ['override.freshFor', { override: { freshFor: '1 year' as never } }],
    ['caching', { caching: 'of' as never }],
    ['query', { query: {} as never }],
    ['query.ignore', { query: { ignore: 'utm' as never } }],
    ['heuristics.share', { heuristics: { share: 2 } }],
    ['maxBytes', { maxBytes: -1 }],
    ['routes[0].path', { routes: [{ path: 'a' }] }],
    ['routes[0].maxBytes', { routes: [{ path: '/a', maxBytes: 0.5 }] }],
    ['routes', { routes: {} as never }],
    ['hosts', { hosts: 'shop.test' as never }],
    ['name', { name: 'a b' }],
    ['keepStale', { keepStale: -1 }],
  ])('that makes no sense is refused by its name: %s', async (field, options) => {
    const cache = createCache({ name: 'policies' })
    expect(() => createHttpCache({ cache, ...options })).toThrow(expect.objectContaining({ field }))
    await cache.close()
  })
})

describe('tags', () => {
  test('of the handler and of the policy take their answers along, and no client sees them', async () => {
    await using scene = setup({
      tags: (request) => [`path:${new URL(request.url).pathname}`],
      invalidates: (request) => (request.method === 'DELETE' ? ['path:/b'] : []),
    })
    const first = await scene.ask('/a', { answer: { 'cache-tags': 'one, two' } })
    expect(first.headers.has('cache-tags')).toBe(false)
    await scene.ask('/b')
    await scene.ask('/x', { method: 'POST', answer: { 'cache-invalidate-tags': 'two' } })
    expect((await scene.ask('/a')).asked).toBe(true)
    expect((await scene.ask('/b')).asked).toBe(false)
    await scene.ask('/x', { method: 'DELETE' })
    expect((await scene.ask('/b')).asked).toBe(true)
    await scene.cache.invalidateTags(['path:/a'])
    expect((await scene.ask('/a')).asked).toBe(true)
  })

  test('`invalidate` takes a URL with all its variants', async () => {
    await using scene = setup({ query: { ignore: ['utm_*'] } })
    const answer = { vary: 'accept' }
    for (const accept of ['a', 'b']) await scene.ask('/a?q=1', { fields: { accept }, answer })
    await scene.http.invalidate('http://shop.test/a?utm_source=x&q=1')
    for (const accept of ['a', 'b']) {
      expect((await scene.ask('/a?q=1', { fields: { accept }, answer })).asked).toBe(true)
    }
  })

  test('that cannot be tags are told, and the answer is given all the same', async () => {
    await using scene = setup()
    const answer = { 'cache-tags': 'x'.repeat(600) }
    expect((await scene.ask('/a', { answer })).body).toBe('body 1')
    expect((await scene.ask('/a', { answer })).body).toBe('body 2')
    expect(scene.errors.length).toBeGreaterThan(0)
  })
})

describe('a write', () => {
  test('takes its own URL along, whatever its tags are', async () => {
    const many = Array.from({ length: 1_500 }, (_, at) => `t${at}`).join(',')
    for (const tags of ['x'.repeat(600), `${'x'.repeat(600)},list`, `${many},list`]) {
      await using scene = setup()
      const lists = { answer: { 'cache-tags': 'list' } }
      await scene.ask('/a')
      await scene.ask('/list', lists)
      await scene.ask('/a', { method: 'PUT', answer: { 'cache-invalidate-tags': tags } })
      expect((await scene.ask('/a')).asked).toBe(true)
      expect((await scene.ask('/list', lists)).asked).toBe(tags.endsWith('list'))
      expect(scene.errors).toHaveLength(tags.startsWith('x') ? 1 : 0)
    }
  })

  test('is no failure, and takes its URL along, where the functions of the policy fail', async () => {
    let fails = false
    const failing = (): string[] => {
      if (fails) throw new Error('planted')
      return []
    }
    await using scene = setup({ invalidates: failing, tags: failing })
    await scene.ask('/a')
    fails = true
    expect((await scene.ask('/a', { method: 'PUT' })).body).toBe('body 2')
    expect(scene.errors).toMatchObject([{ message: 'planted' }])
    // Nor is a read, whose answer is not kept without the tags that it should have.
    const read = await scene.ask('/a')
    expect([read.body, read.asked]).toEqual(['body 3', true])
    expect(read.headers.get('cache-status')).toContain('detail=tags')
    expect((await scene.ask('/a')).asked).toBe(true)
  })
})

test.each([
  ['has to be validated each time', { 'cache-control': 'no-cache', etag: '"a"' }],
  ['is stale as it comes', { 'cache-control': 'max-age=0', etag: '"a"' }],
])('with `keepStale` 0, an answer that %s is not kept, and says so', async (_, answer) => {
  await using scene = setup({ keepStale: 0 })
  for (const body of ['body 1', 'body 2']) {
    const reply = await scene.ask('/a', { answer })
    expect([reply.body, reply.headers.get('cache-status')]).toEqual([
      body,
      expect.stringMatching(/; detail=(lifetime|not-shared)$/),
    ])
  }
  // One that lives is.
  await scene.ask('/b')
  expect((await scene.ask('/b')).asked).toBe(false)
  expect(scene.errors).toEqual([])
})

describe('activity', () => {
  test('of any request keeps alive what it is mapped to', async () => {
    const cache = createCache({ name: 'activity', idle: {} })
    const users = cache.collection<number, { id: number }>('user', { source: (id) => ({ id }) })
    const noted = vi.spyOn(users, 'noteActivity')
    const plain = vi.spyOn(cache, 'noteActivity')
    const http = createHttpCache({
      cache,
      activity: (request) => [{ of: users, key: Number(request.headers.get('x-user')) }, 'all'],
    })
    for (const method of ['GET', 'POST', 'GET']) {
      const request = new Request('http://shop.test/', { method, headers: { 'x-user': '7' } })
      await http.handle(
        request,
        () => new Response('a', { headers: { 'cache-control': 'max-age=9' } }),
      )
    }
    expect(noted.mock.calls).toEqual([[7], [7], [7]])
    expect(plain.mock.calls).toEqual([['all'], ['all'], ['all']])
    await cache.close()
  })

  test('that fails is told, and fails no request', async () => {
    await using scene = setup({
      activity: () => {
        throw new Error('planted')
      },
    })
    expect((await scene.ask('/a')).body).toBe('body 1')
    expect(scene.errors).toHaveLength(1)
  })
})

describe('one call of the handler', () => {
  /** A handler that answers when it is told to. */
  function held(headers: Fields) {
    const calls: PromiseWithResolvers<Response>[] = []
    const next = (): Promise<Response> => {
      const call = Promise.withResolvers<Response>()
      calls.push(call)
      return call.promise
    }
    const answer = (at: number): void => calls[at]?.resolve(new Response(`body ${at}`, { headers }))
    /** Digests are made on other threads: turns of this one say nothing. */
    const called = (times: number) =>
      vi.waitFor(() => expect(calls.length).toBeGreaterThanOrEqual(times), 10_000)
    return { calls, next, answer, called }
  }
  const get = (fields: Fields = {}) => new Request('http://shop.test/', { headers: fields })

  test('serves who asks meanwhile, and a private answer is for one alone', async () => {
    await using scene = setup()
    for (const [directives, calls] of [
      ['max-age=60', 1],
      ['private', 5],
    ] as const) {
      await scene.http.invalidate('http://shop.test/')
      const handler = held({ 'cache-control': directives })
      const all = Array.from({ length: 5 }, () => scene.http.handle(get(), handler.next))
      await handler.called(1)
      handler.answer(0)
      await handler.called(calls)
      for (let at = 1; at < 5; at += 1) handler.answer(at)
      const bodies = await Promise.all(all.map(async (response) => await (await response).text()))
      expect([new Set(bodies).size, handler.calls.length]).toEqual([calls, calls])
    }
  })

  test('validates a stale answer for all who ask', async () => {
    const clock = new FakeClock()
    const cache = createCache({ name: 'validates' }, { clock })
    const behind: Promise<unknown>[] = []
    const waitUntil = (work: Promise<unknown>): void => void behind.push(work)
    const http = createHttpCache({ cache, clock, waitUntil })
    const first = held({ 'cache-control': 'max-age=1', etag: '"a"' })
    const answered = http.handle(get(), first.next)
    await first.called(1)
    first.answer(0)
    await (await answered).text()
    await Promise.all(behind)
    await clock.advance(2_000)
    const second = held({ 'cache-control': 'max-age=60' })
    const all = Array.from({ length: 5 }, () => http.handle(get(), second.next))
    await second.called(1)
    second.answer(0)
    for (const response of all) expect(await (await response).text()).toBe('body 0')
    expect(second.calls).toHaveLength(1)
    await cache.close()
  })

  test.each<[string, () => Response, string[]]>([
    ['is gone', () => new Response('gone', { status: 404 }), ['gone', 'gone']],
    [
      'has become private',
      () => new Response('one', { headers: { 'cache-control': 'private' } }),
      ['one', 'one'],
    ],
    [
      'is not to be kept',
      () => new Response('new', { headers: { 'cache-control': 'no-store' } }),
      ['new', 'new'],
    ],
    ['fails', () => new Response('ill', { status: 503 }), ['old', 'old']],
  ])(
    'that finds that what is stale %s serves nobody the stale one, but for a failure',
    async (_, newer, bodies) => {
      const clock = new FakeClock()
      const cache = createCache({ name: 'withdrawn' }, { clock })
      const http = createHttpCache({ cache, clock })
      const headers = { 'cache-control': 'max-age=1, stale-if-error=600', etag: '"a"' }
      await (await http.handle(get(), () => new Response('old', { headers }))).text()
      await clock.advance(2_000)
      const calls: PromiseWithResolvers<Response>[] = []
      const next = (): Promise<Response> => {
        const call = Promise.withResolvers<Response>()
        calls.push(call)
        return call.promise
      }
      const both = [http.handle(get(), next), http.handle(get(), next)]
      await vi.waitFor(() => expect(calls).toHaveLength(1), 10_000)
      calls[0]?.resolve(newer())
      if (bodies[0] !== 'old') {
        await vi.waitFor(() => expect(calls).toHaveLength(2), 10_000)
        calls[1]?.resolve(newer())
      }
      const seen = await Promise.all(both.map(async (reply) => await (await reply).text()))
      expect(seen).toEqual(bodies)
      await cache.close()
    },
  )

  test.each<[string, Fields]>([
    ['its stated length', { 'content-length': '50' }],
    ['what came of it', {}],
  ])(
    'of which it is known by %s that it is too large is waited for by nobody for 10 s',
    async (_, stated) => {
      const clock = new FakeClock()
      const cache = createCache({ name: 'large' }, { clock })
      const http = createHttpCache({ cache, clock, maxBytes: 10 })
      const headers = { 'cache-control': 'max-age=60', ...stated }
      const large = () => new Response('b'.repeat(50), { headers })
      await (await http.handle(get(), large)).text()
      for (let round = 0; round < 3; round += 1) {
        await clock.advance(3_000)
        const handler = held(headers)
        const both = [http.handle(get(), handler.next), http.handle(get(), handler.next)]
        await handler.called(2)
        for (const call of handler.calls) call.resolve(large())
        for (const response of both) {
          const { headers: seen, body } = await response
          expect(seen.get('cache-status')).toContain('detail=not-shared')
          await body?.cancel()
        }
      }
      // After that one fetch is shared again, to see.
      await clock.advance(2_000)
      const small = () => new Response('small', { headers: { 'cache-control': 'max-age=60' } })
      expect((await http.handle(get(), small)).headers.get('cache-status')).toContain('stored')
      await cache.close()
    },
  )

  test('that fails fails its own request; another asks anew', async () => {
    await using scene = setup()
    const handler = held({ 'cache-control': 'max-age=60' })
    const failing = scene.http.handle(get(), handler.next)
    const waiting = scene.http.handle(get(), handler.next)
    await handler.called(1)
    handler.calls[0]?.reject(new Error('planted'))
    await expect(failing).rejects.toThrow('planted')
    await handler.called(2)
    handler.answer(1)
    expect(await (await waiting).text()).toBe('body 1')
  })

  test('is enough for two instances that share a tier', async () => {
    const shared = memoryTier()
    const caches = ['a', 'b'].map((instance) =>
      createCache({ name: 'two', shared, instance, memory: 'off' }),
    )
    await Promise.all(caches.map((cache) => cache.ready()))
    const https = caches.map((cache) => createHttpCache({ cache }))
    const bytes = new Uint8Array([0, 255, 128, 10])
    let asked = 0
    const next = (): Response => {
      asked += 1
      return new Response(bytes, {
        headers: { 'cache-control': 'max-age=60', 'x-name': 'caf\u00e9' },
      })
    }
    for (const http of https) {
      const response = await http.handle(get(), next)
      expect(await response.bytes()).toEqual(bytes)
      expect(response.headers.get('x-name')).toBe('caf\u00e9')
    }
    expect(asked).toBe(1)
    await https[1]?.handle(
      new Request('http://shop.test/', { method: 'POST' }),
      () => new Response(),
    )
    expect((await https[0]?.handle(get(), next))?.status).toBe(200)
    expect(asked).toBe(2)
    await Promise.all(caches.map((cache) => cache.close()))
  })
})

test('an answer outlives its freshness by no more than `keepStale`, however far a clock is behind', async () => {
  const clock = new FakeClock(Date.UTC(2030, 0, 1))
  const shared = memoryTier()
  const open = (instance: string, behindMs: number) => {
    const cache = createCache({ name: 'behind', shared, instance, memory: 'off' }, { clock })
    const own = { now: () => clock.now() - behindMs }
    return { cache, http: createHttpCache({ cache, keepStale: '30s', clock: own }) }
  }
  const [right, wrong] = [open('right', 0), open('wrong', 86_400_000)]
  await Promise.all([right.cache.ready(), wrong.cache.ready()])
  let made = 0
  const ask = async ({ http }: typeof right): Promise<string> => {
    const next = () => {
      made += 1
      return new Response(`body ${made}`, { headers: { 'cache-control': 'max-age=60' } })
    }
    return await (await http.handle(new Request('http://shop.test/'), next)).text()
  }
  expect(await ask(right)).toBe('body 1')
  await clock.advance(89_000)
  // What the page on HTTP says that is not promised.
  expect(await ask(wrong)).toBe('body 1')
  await clock.advance(2_000)
  expect(await ask(wrong)).toBe('body 2')
  await Promise.all([right.cache.close(), wrong.cache.close()])
})

test('a cache that is closed costs no request: the handler answers, and it is told', async () => {
  await using scene = setup()
  await scene.cache.close()
  const { body, headers } = await scene.ask('/a')
  expect([body, headers.get('cache-status')]).toEqual([
    'body 1',
    'http; fwd=bypass; detail=cache-failure',
  ])
  expect((await scene.ask('/a', { method: 'POST' })).body).toBe('body 2')
  expect(scene.errors).toHaveLength(2)
})

test('a request that is to become something else passes as it is', async () => {
  await using scene = setup()
  const { headers } = await scene.ask('/a', { fields: { upgrade: 'websocket' } })
  expect(headers.has('cache-status')).toBe(false)
})

function said(directives: string): Asking {
  return { answer: { 'cache-control': directives } }
}
