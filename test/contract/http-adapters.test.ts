/** The cases of `http-cases.ts` behind each framework, over real connections. */

import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createCache } from '../../src/create-cache.ts'
import { createHttpCache } from '../../src/http/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { type HttpScene, httpCases, send } from './http-cases.ts'
import { type Framework, frameworks, type Served, type Service } from './http-frameworks.ts'

interface Opened extends HttpScene, AsyncDisposable {}

const KEPT = { 'cache-control': 'max-age=60' }

async function open(framework: Framework): Promise<Opened> {
  const clock = new FakeClock(Date.now())
  const cache = createCache({ name: 'http' }, { clock })
  const work: Promise<unknown>[] = []
  const http = createHttpCache({
    cache,
    clock,
    query: { ignore: ['utm_*'] },
    waitUntil: (promise) => void work.push(promise),
  })
  let asked = 0
  let tickets = 0
  let counter = 0
  let fragile = 0
  const product = (header: (name: string) => string | undefined): Served => {
    const etag = '"product-7"'
    const headers = { ...KEPT, etag, 'content-type': 'application/json', 'cache-tags': 'product:7' }
    if (header('if-none-match') === etag) return { status: 304, headers }
    return { headers, body: '{"id":"7"}' }
  }
  const routes: Record<string, Service> = {
    '/products': async () => ({
      headers: { ...KEPT, 'cache-tags': 'products, product:7' },
      body: '[7]',
    }),
    '/products/7': async ({ method, query, header }) => {
      if (method !== 'PUT') return product(header)
      if (query !== '') return { status: 409, headers: { 'cache-invalidate-tags': 'products' } }
      return { status: 204, headers: { 'cache-invalidate-tags': 'products' } }
    },
    '/me': async ({ header }) => ({
      headers: KEPT,
      body: header('authorization') ?? header('cookie') ?? 'nobody',
    }),
    '/slow': async () => {
      await new Promise((resolve) => setImmediate(resolve))
      return { headers: KEPT, body: Readable.from([Buffer.from('sl'), Buffer.from('ow')]) }
    },
    '/ticket': async () => {
      tickets += 1
      return { headers: { 'cache-control': 'private, max-age=60' }, body: `ticket ${tickets}` }
    },
    '/greeting': async ({ header }) => ({
      headers: { ...KEPT, vary: 'Accept-Language' },
      body: `hello ${header('accept-language')}`,
    }),
    '/large': async () => ({ headers: KEPT, body: Readable.from(large()) }),
    '/counter': async () => {
      counter += 1
      return {
        headers: { 'cache-control': 'max-age=10, stale-while-revalidate=30' },
        body: String(counter),
      }
    },
    '/fragile': async () => {
      fragile += 1
      if (fragile > 1) return { status: 503, body: 'unwell' }
      return { headers: { 'cache-control': 'max-age=10, stale-if-error=30' }, body: 'well' }
    },
    '/broken': async () => {
      throw new Error('broken')
    },
    '/moved': async () => ({ status: 301, headers: { ...KEPT, location: '/products/7' } }),
  }
  const { port, close } = await framework(http, async (asking) => {
    asked += 1
    return (await routes[asking.path]?.(asking)) ?? { status: 404 }
  })
  return {
    port,
    asked: () => asked,
    advance: (ms) => clock.advance(ms),
    async rest() {
      // What goes on behind an answer tells more of it when it comes to storing.
      for (let at = 0; at < work.length; at += 1) await work[at]
      await clock.settle()
    },
    async [Symbol.asyncDispose]() {
      await close()
      await cache.close()
    },
  }
}

function* large(): Generator<Buffer> {
  for (let at = 0; at < 128; at += 1) yield Buffer.alloc(65_536, at)
}

describe.each(Object.entries(frameworks))('behind %s', (_, framework) => {
  test.each(httpCases.map((one) => [one.name, one] as const))('%s', async (__, { run }) => {
    await using scene = await open(framework)
    await run(scene)
  })

  test('what cannot be a URL goes to the framework as it is', async () => {
    await using scene = await open(framework)
    const reply = await send(scene.port, '/products/7', { headers: { host: 'a b' } }).catch(
      () => undefined,
    )
    expect([undefined, 200, 400]).toContain(reply?.status)
  })
})
