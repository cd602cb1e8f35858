/** The rules of HTTP that the cache keeps, each with the section that it is from. RFC 9111 unless another is named. */

import { describe, expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { FakeClock } from '../testing/index.ts'
import { createHttpCache } from './create-http-cache.ts'
import { writeHttpDate } from './http-date.ts'
import type { HttpCacheOptions } from './http-options.ts'

type Fields = Record<string, string>

interface Answered {
  readonly status: number
  readonly body: string
  readonly headers: Headers
  /** The handler was asked for it. */
  readonly asked: boolean
  readonly cacheStatus: string
}

/** A cache, a handler that says what it is told to say, and a clock. */
function setup(options: Omit<Partial<HttpCacheOptions>, 'cache' | 'clock'> = {}) {
  const clock = new FakeClock(Date.UTC(2030, 0, 1))
  const cache = createCache({ name: 'rules' }, { clock })
  const requests: Request[] = []
  const behind: Promise<unknown>[] = []
  const waitUntil = (work: Promise<unknown>): void => void behind.push(work)
  const http = createHttpCache({ cache, clock, waitUntil, ...options })
  const ask = async (
    fields: Fields = {},
    { answer, status = 200, url = 'http://shop.test/a', method = 'GET', body }: Asking = {},
  ): Promise<Answered> => {
    const before = requests.length
    const request = new Request(url, { headers: fields, method })
    const response = await http.handle(request, (asked) => {
      requests.push(asked)
      if (answer === 'throws') throw new Error('planted')
      const content =
        method === 'HEAD' || status === 304 ? null : (body ?? `body ${requests.length}`)
      return new Response(content, { status, headers: answer ?? {} })
    })
    const text = await response.text()
    const { headers } = response
    const cacheStatus = headers.get('cache-status') ?? ''
    return {
      status: response.status,
      body: text,
      headers,
      asked: requests.length > before,
      cacheStatus,
    }
  }
  /** What is stored behind an answer is stored by then: digests are made on other threads. */
  const advance = async (ms: number): Promise<void> => {
    await Promise.all(behind)
    await clock.advance(ms)
  }
  return {
    ...{ cache, clock, http, requests, behind, ask, advance },
    /** What the handler was asked with last. */
    last: () => requests.at(-1)?.headers ?? new Headers(),
    /** Whether a second request after `seconds` is answered without the handler. */
    async reuses(answer: Fields, seconds = 0, how: Asking & { readonly fields?: Fields } = {}) {
      const { fields = {}, ...rest } = how
      await ask(fields, { ...rest, answer })
      await advance(seconds * 1_000)
      return !(await ask(fields, { ...rest, answer })).asked
    },
    date: (seconds = 0) => writeHttpDate(clock.now() + seconds * 1_000),
    [Symbol.asyncDispose]: async () => void (await cache.close()),
  }
}

interface Asking {
  readonly answer?: Fields | 'throws'
  readonly status?: number
  readonly url?: string
  readonly method?: string
  readonly body?: string
}

const cc = (directives: string): Fields => ({ 'cache-control': directives })

describe('freshness (4.2)', () => {
  test.each([
    ['max-age (5.2.2.1)', cc('max-age=60'), 59, true],
    ['max-age that is over', cc('max-age=60'), 60, false],
    ['s-maxage before max-age (5.2.2.10)', cc('max-age=1, s-maxage=60'), 59, true],
    ['s-maxage that is shorter', cc('max-age=60, s-maxage=1'), 2, false],
    ['names in any case (5.2)', cc('Max-AGE=60'), 59, true],
    ['a quoted argument (5.2)', cc('max-age="60"'), 59, true],
    ['an argument that is none (4.2.1)', cc('max-age=6o'), 0, false],
    ['a fraction', cc('max-age=60.5'), 0, false],
    ['a negative one', cc('max-age=-60'), 0, false],
    ['the least of several (4.2.1)', cc('max-age=60, max-age=1'), 2, false],
    ['what stands in another directive', cc('ext="max-age=60", max-age=1'), 2, false],
    ['a very large one (1.2.2)', cc('max-age=99999999999999'), 86_400, true],
    [
      'nothing that was said, heuristics off',
      { 'last-modified': 'Tue, 01 Jan 2019 00:00:00 GMT' },
      0,
      false,
    ],
    ['Expires that is no date (5.3)', { expires: '0' }, 0, false],
    ['Expires beside max-age (5.3)', { ...cc('max-age=60'), expires: '0' }, 59, true],
  ])('%s', async (_, answer, seconds, reused) => {
    await using scene = setup()
    expect(await scene.reuses(answer as Fields, seconds)).toBe(reused)
  })

  test('Expires counts from Date (4.2.1)', async () => {
    await using scene = setup()
    const answer = { date: scene.date(), expires: scene.date(60) }
    expect(await scene.reuses(answer, 59)).toBe(true)
    await scene.advance(2_000)
    expect((await scene.ask({}, { answer })).asked).toBe(true)
  })

  test.each([
    ['Thursday, 01-Jan-32 00:00:00 GMT', true],
    ['Thu Jan  1 00:00:00 2032', true],
    ['Thu, 01 Jan 2032 00:00:00 UTC', false],
    ['Thu, 01 Jan 2032 25:00:00 GMT', false],
    ['Thu, 32 Jan 2032 00:00:00 GMT', false],
    ['Thu, 1 Jan 2032 00:00:00 GMT', false],
    ['Thu, 01 Jan 2032 00:00:00 GMT, Thu, 01 Jan 2032 00:00:00 GMT', false],
  ])('a date of the three forms alone: %s (RFC 9110, 5.6.7)', async (expires, reused) => {
    await using scene = setup()
    expect(await scene.reuses({ expires })).toBe(reused)
  })

  test('heuristics give a tenth of the time since the last change, where they are asked for (4.2.2)', async () => {
    await using scene = setup({ heuristics: {} })
    const answer = { 'last-modified': scene.date(-1_000) }
    expect(await scene.reuses(answer, 99)).toBe(true)
    await scene.advance(2_000)
    expect((await scene.ask({}, { answer })).asked).toBe(true)
    expect(await scene.reuses(answer, 0, { status: 418, url: 'http://shop.test/b' })).toBe(false)
  })

  test('the age that an answer had counts (4.2.3)', async () => {
    await using scene = setup()
    const answer = { ...cc('max-age=60'), age: '50' }
    await scene.ask({}, { answer })
    await scene.advance(5_000)
    const second = await scene.ask({}, { answer })
    expect(second.headers.get('age')).toBe('55')
    await scene.advance(5_000)
    expect((await scene.ask({}, { answer })).asked).toBe(true)
  })

  test('the time since its Date counts as age (4.2.3)', async () => {
    await using scene = setup()
    expect(await scene.reuses({ ...cc('max-age=60'), date: scene.date(-61) })).toBe(false)
  })

  test.each([
    ['7200, 0', false],
    ['0, 7200', true],
    ['abc', false],
    ['-7200', false],
    ['7200.0', false],
    ['7200;foo=bar', false],
  ])(
    'of an Age `%s` the first counts, and is stale if it is no number (5.1, 4.2.1)',
    async (age, reused) => {
      await using scene = setup()
      expect(await scene.reuses({ ...cc('max-age=3600'), age })).toBe(reused)
    },
  )
})

describe('what is kept (3)', () => {
  test.each([
    ['no-store (5.2.2.5)', cc('max-age=60, no-store'), {}, 200],
    ['private (5.2.2.7)', cc('max-age=60, private'), {}, 200],
    ['an answer to Authorization (3.5)', cc('max-age=60'), { authorization: 'a' }, 200],
    ['Set-Cookie (7.3)', { ...cc('max-age=60'), 'set-cookie': 'a=b' }, {}, 200],
    ['Vary: * (4.1)', { ...cc('max-age=60'), vary: 'accept, *' }, {}, 200],
    ['a part (3.3)', cc('max-age=60'), {}, 206],
    ['what has to be understood and is not (5.2.2.3)', cc('max-age=60, must-understand'), {}, 299],
    ['no-store of a request (5.2.1.5)', cc('max-age=60'), cc('no-store'), 200],
    ['no-cache without a validator', cc('no-cache'), {}, 200],
  ])('is not %s', async (_, answer, fields, status) => {
    await using scene = setup()
    expect(await scene.reuses(answer as Fields, 0, { fields: fields as Fields, status })).toBe(
      false,
    )
  })

  test.each([200, 203, 301, 302, 404, 410, 500, 503, 299, 599])(
    'is a %i with a stated life (3)',
    async (status) => {
      await using scene = setup()
      expect(await scene.reuses(cc('max-age=60'), 59, { status })).toBe(true)
    },
  )

  test.each(['public', 's-maxage=60', 'must-revalidate'])(
    'is an answer to Authorization that says %s, for the same alone (3.5)',
    async (says) => {
      await using scene = setup()
      const answer = cc(`max-age=60, ${says}`)
      expect(await scene.reuses(answer, 0, { fields: { authorization: 'a' } })).toBe(true)
      expect((await scene.ask({ authorization: 'b' }, { answer })).asked).toBe(true)
      expect((await scene.ask({}, { answer })).asked).toBe(true)
    },
  )

  test('are not the fields of the connection (3.1), nor those that no-cache names (5.2.2.4)', async () => {
    await using scene = setup()
    const answer = {
      ...cc('max-age=60, no-cache="x-one"'),
      connection: 'x-hop',
      ...{ 'x-hop': '1', 'keep-alive': 'a', 'x-one': '1', 'x-two': '2' },
    }
    await scene.ask({}, { answer })
    const { headers, asked } = await scene.ask({}, { answer })
    expect(asked).toBe(false)
    const seen = ['connection', 'x-hop', 'keep-alive', 'x-one', 'x-two'].map((name) =>
      headers.has(name),
    )
    expect(seen).toEqual([false, false, false, false, true])
  })

  test('is a Date with it (RFC 9110, 6.6.1)', async () => {
    await using scene = setup()
    const date = scene.date()
    expect(await scene.reuses(cc('max-age=60'), 10)).toBe(true)
    expect((await scene.ask()).headers.get('date')).toBe(date)
  })

  test('is nothing of an answer to a POST or an OPTIONS', async () => {
    await using scene = setup()
    for (const method of ['POST', 'OPTIONS']) {
      expect(await scene.reuses(cc('max-age=60'), 0, { method })).toBe(false)
    }
  })
})

describe('what a request says (5.2.1)', () => {
  test.each([
    ['max-age is not to be exceeded (5.2.1.1)', 'max-age=5', 'max-age=60', 10, true],
    ['max-age that is kept', 'max-age=20', 'max-age=60', 10, false],
    ['min-fresh is to be left (5.2.1.3)', 'min-fresh=55', 'max-age=60', 10, true],
    ['min-fresh that is left', 'min-fresh=45', 'max-age=60', 10, false],
    ['max-stale takes what is stale (5.2.1.2)', 'max-stale=10', 'max-age=60', 65, false],
    ['max-stale, beyond it', 'max-stale=3', 'max-age=60', 65, true],
    ['max-stale without a number', 'max-stale', 'max-age=60', 600, false],
    [
      'max-stale beside must-revalidate (5.2.2.2)',
      'max-stale',
      'max-age=60, must-revalidate',
      65,
      true,
    ],
    [
      'max-stale beside proxy-revalidate (5.2.2.8)',
      'max-stale',
      'max-age=60, proxy-revalidate',
      65,
      true,
    ],
    ['max-stale beside s-maxage (5.2.2.10)', 'max-stale', 's-maxage=60', 65, true],
    ['no-cache asks in any case (5.2.1.4)', 'no-cache', 'max-age=60', 0, true],
  ])('%s', async (_, says, answer, seconds, asks) => {
    await using scene = setup()
    await scene.ask({}, { answer: cc(answer) })
    await scene.advance(seconds * 1_000)
    expect((await scene.ask(cc(says), { answer: cc(answer) })).asked).toBe(asks)
  })

  test('only-if-cached is answered by 504 where nothing is kept (5.2.1.7)', async () => {
    await using scene = setup()
    const nothing = await scene.ask(cc('only-if-cached'))
    expect([nothing.status, nothing.asked]).toEqual([504, false])
    await scene.ask({}, { answer: cc('max-age=60') })
    expect((await scene.ask(cc('only-if-cached'))).status).toBe(200)
  })

  test('Pragma counts where there is no Cache-Control (5.4)', async () => {
    await using scene = setup()
    await scene.ask({}, { answer: cc('max-age=60') })
    expect((await scene.ask({ pragma: 'no-cache', ...cc('max-age=60') })).asked).toBe(false)
    expect((await scene.ask({ pragma: 'no-cache' })).asked).toBe(true)
  })
})

describe('Vary (4.1)', () => {
  test('tells answers apart by the fields that it names, each kept on its own', async () => {
    await using scene = setup()
    const answer = { ...cc('max-age=60'), vary: 'Accept-Language, X-Other' }
    const bodies: string[] = []
    for (const language of ['de', 'en', 'de', 'en', 'fr']) {
      bodies.push((await scene.ask({ 'accept-language': language }, { answer })).body)
    }
    expect(bodies).toEqual(['body 1', 'body 2', 'body 1', 'body 2', 'body 3'])
    expect((await scene.ask({}, { answer })).asked).toBe(true)
  })

  test('white space tells nothing apart, and Cache-Status says what was missing', async () => {
    await using scene = setup()
    const answer = { ...cc('max-age=60'), vary: 'accept' }
    await scene.ask({ accept: 'a, b' }, { answer })
    expect((await scene.ask({ accept: 'a,b' }, { answer })).asked).toBe(false)
    expect((await scene.ask({ accept: 'b,a' }, { answer })).cacheStatus).toContain('fwd=vary-miss')
  })

  test('that grows keeps apart what it did not before', async () => {
    await using scene = setup()
    const one = { ...cc('max-age=60'), vary: 'x-one' }
    const both = { ...cc('max-age=60'), vary: 'x-one, x-two' }
    await scene.ask({ 'x-one': 'a' }, { answer: one })
    for (const [oneOf, twoOf] of [
      ['b', 'a'],
      ['b', 'a'],
      ['b', 'b'],
    ] as const) {
      await scene.ask({ 'x-one': oneOf, 'x-two': twoOf }, { answer: both, body: oneOf + twoOf })
    }
    const seen = await scene.ask({ 'x-one': 'b', 'x-two': 'a' }, { answer: both })
    expect([seen.asked, seen.body]).toEqual([false, 'ba'])
  })
})

describe('validation (4.3)', () => {
  test('a stale answer is asked for with its validators, and a 304 gives it a new life (4.3.1, 4.3.4)', async () => {
    await using scene = setup()
    const modified = 'Tue, 01 Jan 2019 00:00:00 GMT'
    const answer = { ...cc('max-age=60'), etag: '"a"', 'last-modified': modified, 'x-kept': '1' }
    await scene.ask({}, { answer })
    await scene.advance(61_000)
    const again = await scene.ask(
      {},
      { status: 304, answer: { ...cc('max-age=90'), etag: '"a"', 'x-new': '1' } },
    )
    expect(scene.last().get('if-none-match')).toBe('"a"')
    expect(scene.last().get('if-modified-since')).toBe(modified)
    expect([again.status, again.body, again.headers.get('age')]).toEqual([200, 'body 1', '0'])
    expect([again.headers.get('x-kept'), again.headers.get('x-new')]).toEqual(['1', '1'])
    expect(again.cacheStatus).toBe('http; fwd=stale; fwd-status=304; ttl=90; stored')
    await scene.advance(80_000)
    expect((await scene.ask()).asked).toBe(false)
  })

  test('a 304 changes every field but those that tell of the body (3.2)', async () => {
    await using scene = setup()
    const first = { etag: '"a"', 'content-type': 'text/x', 'content-encoding': 'br' }
    await scene.ask({}, { answer: { ...cc('max-age=0'), ...first } })
    const told = { 'content-type': 'text/y', 'content-length': '999', 'content-encoding': 'gzip' }
    const again = await scene.ask({}, { status: 304, answer: { ...cc('max-age=60'), ...told } })
    const names = ['content-type', 'content-length', 'content-encoding']
    expect(names.map((name) => again.headers.get(name))).toEqual(['text/y', '6', 'br'])
  })

  test.each([
    ['a 304', 'GET', 304],
    ['a HEAD', 'HEAD', 200],
  ])('what %s renews keeps its tags, unless others are named', async (_, method, status) => {
    const seen: (string | null)[] = []
    await using scene = setup({
      tags: (_request, { headers }) => {
        seen.push(headers.get('x-group'))
        return [`group:${headers.get('x-group')}`]
      },
    })
    const answer = { ...cc('max-age=60'), etag: '"a"', 'x-group': '7' }
    const asked = async (): Promise<boolean> => (await scene.ask({}, { answer })).asked
    const renewed = async (told: Fields): Promise<void> => {
      await scene.advance(61_000)
      const fields = { ...cc('max-age=60'), etag: '"a"', ...told }
      const reply = await scene.ask({}, { method, status, answer: fields })
      expect(reply.headers.has('cache-tags')).toBe(false)
      await scene.advance(1)
      expect(await asked()).toBe(false)
    }
    for (const [told, gone] of [
      [{}, ['products', 'group:7']],
      [{ 'cache-tags': 'others' }, ['others']],
    ] as const) {
      for (const tag of gone) {
        await scene.ask({}, { answer: { ...answer, 'cache-tags': 'products' } })
        await renewed(told)
        await renewed({})
        await scene.cache.invalidateTags(['none'])
        expect(await asked()).toBe(false)
        await scene.cache.invalidateTags([tag])
        expect(await asked()).toBe(true)
        await scene.http.invalidate('http://shop.test/a')
      }
    }
    expect(new Set(seen)).toEqual(new Set(['7']))
  })

  test('a 304 that names another answer keeps nothing alive (4.3.4)', async () => {
    await using scene = setup()
    await scene.ask({}, { answer: { ...cc('max-age=0'), etag: '"a"' } })
    await scene.ask({}, { status: 304, answer: { ...cc('max-age=60'), etag: '"b"' } })
    expect((await scene.ask()).asked).toBe(true)
  })

  test('another answer takes the place of what is kept (4.3.3)', async () => {
    await using scene = setup()
    await scene.ask({}, { answer: { ...cc('max-age=1'), etag: '"a"' } })
    await scene.advance(2_000)
    const second = await scene.ask({}, { answer: cc('max-age=60') })
    const third = await scene.ask()
    expect([second.body, third.body, third.asked]).toEqual(['body 2', 'body 2', false])
  })

  test('an answer that has become private takes nothing along', async () => {
    await using scene = setup()
    await scene.ask({}, { answer: cc('max-age=1') })
    await scene.advance(2_000)
    await scene.ask({}, { answer: cc('private') })
    expect((await scene.ask(cc('max-stale'), {})).asked).toBe(true)
  })

  test('no-cache asks for each request, and needs no body for it (5.2.2.4)', async () => {
    await using scene = setup()
    const answer = { ...cc('no-cache'), etag: '"a"' }
    await scene.ask({}, { answer })
    const second = await scene.ask({}, { status: 304, answer })
    expect([second.asked, second.body]).toEqual([true, 'body 1'])
    expect((await scene.ask(cc('max-stale'), { status: 304, answer })).asked).toBe(true)
  })

  test('a HEAD with the same validators gives what is kept a new life (4.3.5)', async () => {
    await using scene = setup()
    const answer = { ...cc('max-age=60'), etag: '"a"', 'content-length': '6', 'x-kept': '1' }
    await scene.ask({}, { answer })
    await scene.advance(61_000)
    const told = { ...cc('max-age=90'), etag: '"a"', 'content-length': '6', 'x-new': '1' }
    const head = await scene.ask({}, { method: 'HEAD', answer: told })
    expect([head.asked, head.body]).toEqual([true, ''])
    expect(head.cacheStatus).toBe('http; fwd=stale; fwd-status=200; ttl=90; stored')
    expect([head.headers.get('x-kept'), head.headers.get('x-new')]).toEqual(['1', '1'])
    await scene.advance(80_000)
    const again = await scene.ask()
    expect([again.asked, again.body, again.headers.get('x-new')]).toEqual([false, 'body 1', '1'])
  })

  test.each([
    ['of another', { etag: '"b"' }],
    ['of another length', { etag: '"a"', 'content-length': '7' }],
    ['that tell nothing', {}],
  ])('a HEAD with validators %s ends what is kept (4.3.5)', async (_what, told) => {
    await using scene = setup()
    const answer = { ...cc('max-age=60'), etag: '"a"' }
    await scene.ask({}, { answer })
    // It is fresh still, and its client wants to know.
    const fields = cc('no-cache')
    const head = await scene.ask(fields, {
      method: 'HEAD',
      answer: { ...cc('max-age=60'), ...told },
    })
    expect(head.headers.get('etag')).toBe((told as Fields)['etag'] ?? null)
    await scene.advance(1)
    expect((await scene.ask({}, { answer })).asked).toBe(true)
  })

  test('a HEAD that fails says nothing of what is kept', async () => {
    await using scene = setup()
    const answer = { ...cc('max-age=60, stale-if-error=600'), etag: '"a"' }
    await scene.ask({}, { answer })
    await scene.advance(61_000)
    expect((await scene.ask({}, { method: 'HEAD', status: 405 })).status).toBe(405)
    await scene.advance(1)
    expect((await scene.ask({}, { answer: 'throws' })).body).toBe('body 1')
  })

  test('what is invalidated while a HEAD is under way stays so', async () => {
    await using scene = setup()
    const answer = { ...cc('max-age=60'), etag: '"a"' }
    await scene.ask({}, { answer })
    await scene.advance(61_000)
    const request = new Request('http://shop.test/a', { method: 'HEAD' })
    await scene.http.handle(request, async () => {
      await scene.http.invalidate('http://shop.test/a')
      return new Response(null, { headers: answer })
    })
    await scene.advance(1)
    expect((await scene.ask({}, { answer })).asked).toBe(true)
  })

  test.each([
    [{ 'if-none-match': '"a"' }, 304],
    [{ 'if-none-match': 'W/"a"' }, 304],
    [{ 'if-none-match': '"x", "a"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"b"' }, 200],
    [{ 'if-none-match': '"b"', 'if-modified-since': 'Tue, 01 Jan 2019 00:00:00 GMT' }, 200],
    [{ 'if-modified-since': 'Tue, 01 Jan 2019 00:00:00 GMT' }, 304],
    [{ 'if-modified-since': 'Mon, 31 Dec 2018 23:59:59 GMT' }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
  ])('a client that has %o is answered with %i from the cache (4.3.2)', async (fields, status) => {
    await using scene = setup()
    const answer = {
      ...cc('max-age=60'),
      etag: '"a"',
      'last-modified': 'Tue, 01 Jan 2019 00:00:00 GMT',
    }
    await scene.ask({}, { answer })
    const reply = await scene.ask(fields as Fields, { answer })
    expect([reply.status, reply.asked]).toEqual([status, false])
  })

  test('a 304 has what RFC 9110, 15.4.5, asks for', async () => {
    await using scene = setup()
    const answer = {
      ...cc('max-age=60'),
      etag: '"a"',
      vary: 'accept',
      expires: 'x',
      'content-location': '/b',
    }
    await scene.ask({}, { answer })
    const { headers } = await scene.ask({ 'if-none-match': '"a"' })
    for (const name of [...Object.keys(answer), 'date']) expect(headers.has(name), name).toBe(true)
    expect(headers.has('content-length')).toBe(false)
  })

  test('If-Match is not for a cache to judge, and passes by (RFC 9110, 13.1.1)', async () => {
    await using scene = setup()
    await scene.ask({}, { answer: { ...cc('max-age=60'), etag: '"a"' } })
    expect((await scene.ask({ 'if-match': '"b"' })).cacheStatus).toBe(
      'http; fwd=bypass; detail=condition',
    )
  })
})

describe('stale answers (RFC 5861)', () => {
  test('stale-while-revalidate serves at once and asks behind, once (3)', async () => {
    await using scene = setup()
    const answer = cc('max-age=10, stale-while-revalidate=30')
    await scene.ask({}, { answer })
    await scene.advance(11_000)
    const two = await Promise.all([scene.ask({}, { answer }), scene.ask({}, { answer })])
    expect(two.map(({ body }) => body)).toEqual(['body 1', 'body 1'])
    expect(two[0].cacheStatus).toBe('http; hit; ttl=-1')
    await Promise.all(scene.behind)
    expect([(await scene.ask()).body, scene.requests.length]).toEqual(['body 2', 2])
  })

  test('what goes on behind begins when its client has been answered, if nobody else has seen to it', async () => {
    await using scene = setup()
    const answer = cc('max-age=10, stale-while-revalidate=30')
    await scene.ask({}, { answer })
    await scene.advance(11_000)
    const clients = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
    const [gone, quick, slow] = clients
    let asked = 0
    for (const { promise: answered } of clients) {
      const request = new Request('http://shop.test/a')
      const next = () => {
        asked += 1
        return new Response('newer', { headers: answer })
      }
      expect(await (await scene.http.handle(request, next, { answered })).text()).toBe('body 1')
    }
    const [ofGone, ofQuick, ofSlow] = scene.behind.slice(-3)
    gone?.reject(new Error('planted'))
    await ofGone
    expect(asked).toBe(0)
    quick?.resolve()
    await ofQuick
    // What it has begun is stored.
    await scene.behind.at(-1)
    slow?.resolve()
    await ofSlow
    expect([(await scene.ask()).body, asked]).toEqual(['newer', 1])
  })

  test('beyond its time the handler is asked first (3)', async () => {
    await using scene = setup()
    expect(await scene.reuses(cc('max-age=10, stale-while-revalidate=30'), 41)).toBe(false)
  })

  test.each([500, 502, 503, 504])(
    'stale-if-error serves in the place of a %i (4)',
    async (status) => {
      await using scene = setup()
      await scene.ask({}, { answer: cc('max-age=10, stale-if-error=30') })
      await scene.advance(11_000)
      const reply = await scene.ask({}, { status })
      expect([reply.status, reply.body]).toEqual([200, 'body 1'])
      await scene.advance(30_000)
      expect((await scene.ask({}, { status })).status).toBe(status)
    },
  )

  test('stale-if-error serves where the handler throws, and of a request it counts too (4)', async () => {
    await using scene = setup()
    await scene.ask({}, { answer: cc('max-age=10') })
    await scene.advance(11_000)
    await expect(scene.ask({}, { answer: 'throws' })).rejects.toThrow('planted')
    const reply = await scene.ask(cc('stale-if-error=30'), { answer: 'throws' })
    expect(reply.body).toBe('body 1')
  })

  test.each(['must-revalidate', 'proxy-revalidate', 's-maxage=10', 'no-cache'])(
    '%s forbids both (4.2.4)',
    async (directive) => {
      await using scene = setup()
      const says = `max-age=10, stale-while-revalidate=90, stale-if-error=90, ${directive}`
      await scene.ask({}, { answer: { ...cc(says), etag: '"a"' } })
      await scene.advance(11_000)
      expect((await scene.ask({}, { status: 503 })).status).toBe(503)
    },
  )

  test('an error leaves what is kept as it is (4.3.3)', async () => {
    await using scene = setup()
    await scene.ask({}, { answer: { ...cc('max-age=1'), etag: '"a"' } })
    await scene.advance(2_000)
    expect((await scene.ask({}, { status: 503 })).status).toBe(503)
    expect((await scene.ask({}, { status: 304, answer: cc('max-age=60') })).body).toBe('body 1')
  })
})

describe('writes (4.4)', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'M-SEARCH'])(
    '%s makes its URL unservable',
    async (method) => {
      await using scene = setup()
      const answer = { ...cc('max-age=60'), vary: 'accept' }
      for (const accept of ['a', 'b']) await scene.ask({ accept }, { answer })
      await scene.ask({}, { method })
      for (const accept of ['a', 'b'])
        expect((await scene.ask({ accept }, { answer })).asked).toBe(true)
    },
  )

  test('an error, or a safe method, leaves everything as it is', async () => {
    await using scene = setup()
    await scene.ask({}, { answer: cc('max-age=60') })
    await scene.ask({}, { method: 'POST', status: 500 })
    await scene.ask({}, { method: 'OPTIONS' })
    expect((await scene.ask()).asked).toBe(false)
  })

  test('Location and Content-Location are meant too, of the same origin alone', async () => {
    await using scene = setup()
    const urls = ['http://shop.test/x', 'http://shop.test/y', 'http://other.test/z']
    for (const url of urls) await scene.ask({}, { url, answer: cc('max-age=60') })
    await scene.ask({}, { method: 'POST', answer: { location: '/x', 'content-location': '/y' } })
    await scene.ask({}, { method: 'POST', answer: { location: 'http://other.test/z' } })
    const asked: boolean[] = []
    for (const url of urls) asked.push((await scene.ask({}, { url })).asked)
    expect(asked).toEqual([true, true, false])
  })

  test('what the handler was asked for before a write, and has answered after it, is not kept', async () => {
    await using scene = setup()
    const { promise, resolve } = Promise.withResolvers<Response>()
    const reading = scene.http.handle(new Request('http://shop.test/a'), () => promise)
    await scene.clock.settle()
    await scene.ask({}, { method: 'PUT' })
    resolve(new Response('old', { headers: { ...cc('max-age=60'), vary: 'accept' } }))
    expect(await (await reading).text()).toBe('old')
    expect((await scene.ask()).asked).toBe(true)
  })
})

describe('Cache-Status (RFC 9211)', () => {
  test('is added to what caches before have said (2)', async () => {
    await using scene = setup()
    const answer = { ...cc('max-age=60'), 'cache-status': 'origin; hit' }
    expect((await scene.ask({}, { answer })).cacheStatus).toBe(
      'origin; hit, http; fwd=uri-miss; stored',
    )
    expect((await scene.ask({}, { answer })).cacheStatus).toBe('origin; hit, http; hit; ttl=60')
  })

  test('names why the handler was asked (2.2)', async () => {
    await using scene = setup({
      routes: [{ path: '/off/**', caching: 'off' }],
      hosts: ['shop.test'],
    })
    const status = async (fields: Fields, asking: Asking = {}): Promise<string> =>
      (await scene.ask(fields, { answer: cc('max-age=60'), ...asking })).cacheStatus
    expect(await status({}, { method: 'POST' })).toBe('http; fwd=method')
    expect(await status({ range: 'bytes=0-1' })).toBe('http; fwd=bypass; detail=range')
    expect(await status({}, { url: 'http://shop.test/off/a' })).toBe(
      'http; fwd=bypass; detail=route',
    )
    expect(await status({}, { url: 'http://evil.test/a' })).toBe('http; fwd=bypass; detail=host')
    expect(await status({}, { method: 'HEAD' })).toBe('http; fwd=uri-miss')
    await status({})
    expect(await status(cc('no-cache'))).toBe('http; fwd=request; fwd-status=200; stored')
  })
})
