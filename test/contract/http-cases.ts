/** What an HTTP cache does behind each framework, as data: a service with a few routes, and requests to it. */

import assert from 'node:assert/strict'
import { request as ask, type IncomingHttpHeaders } from 'node:http'

/** What a framework has to serve; the same for each, by its own means. */
export interface HttpScene {
  /** Where it listens. */
  readonly port: number
  /** Requests that reached a handler. */
  readonly asked: () => number
  /** Ages the answers that are kept. */
  readonly advance: (ms: number) => Promise<void>
  /** What goes on behind answers that were given has come to rest. */
  readonly rest: () => Promise<void>
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface HttpCase {
  readonly name: string
  readonly run: (scene: HttpScene) => Promise<void>
}

interface Sent {
  readonly method?: string
  readonly headers?: Record<string, string>
}

export function send(
  port: number,
  path: string,
  { method = 'GET', headers = {} }: Sent = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = ask({ host: '127.0.0.1', port, path, method, headers, agent: false }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('error', reject)
      reply.on('end', () =>
        resolve({
          status: reply.statusCode ?? 0,
          headers: reply.headers,
          body: Buffer.concat(chunks),
        }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

const statusOf = ({ headers }: Reply): string => String(headers['cache-status'])

export const httpCases: readonly HttpCase[] = [
  {
    name: 'an answer is kept, and served with its age',
    async run({ port, asked, advance }) {
      const first = await send(port, '/products/7')
      await advance(10_000)
      const second = await send(port, '/products/7')
      assert.equal(asked(), 1)
      assert.deepEqual(second.body, first.body)
      assert.equal(second.status, 200)
      assert.equal(second.headers['content-type'], first.headers['content-type'])
      assert.match(statusOf(first), /^http; fwd=uri-miss; stored$/)
      assert.match(statusOf(second), /^http; hit; ttl=\d\d$/)
      assert.ok(Number(second.headers.age) >= 10)
      assert.equal(second.headers['x-outer'], 'yes')
    },
  },
  {
    name: 'parameters that do not count share an answer, and order does not matter',
    async run({ port, asked }) {
      await send(port, '/products/7?b=2&a=1')
      await send(port, '/products/7?a=1&utm_source=mail&b=2')
      assert.equal(asked(), 1)
      await send(port, '/products/7?a=2&b=2')
      assert.equal(asked(), 2)
    },
  },
  {
    name: 'a client that has the answer gets a 304',
    async run({ port, asked }) {
      const { headers } = await send(port, '/products/7')
      const etag = String(headers.etag)
      const again = await send(port, '/products/7', { headers: { 'if-none-match': etag } })
      assert.equal(again.status, 304)
      assert.equal(again.body.length, 0)
      assert.equal(again.headers.etag, etag)
      assert.equal(asked(), 1)
    },
  },
  {
    name: 'a client that has it already, and is the first to ask, gets a 304 too, and the answer is kept',
    async run({ port, asked }) {
      const first = await send(port, '/products/7', { headers: { 'if-none-match': '"product-7"' } })
      assert.equal(first.status, 304)
      const second = await send(port, '/products/7')
      assert.equal(second.status, 200)
      assert.equal(second.body.toString(), '{"id":"7"}')
      assert.equal(asked(), 1)
    },
  },
  {
    name: 'a stale answer is validated by the handler, and lives on',
    async run({ port, asked, advance }) {
      await send(port, '/products/7')
      await advance(61_000)
      const again = await send(port, '/products/7')
      assert.equal(again.status, 200)
      assert.equal(again.body.toString(), '{"id":"7"}')
      assert.match(statusOf(again), /fwd=stale; fwd-status=304/)
      assert.match(statusOf(await send(port, '/products/7')), /^http; (hit|.*collapsed)/)
      assert.equal(asked(), 2)
    },
  },
  {
    name: 'a HEAD is answered from what a GET has left',
    async run({ port, asked }) {
      const { headers } = await send(port, '/products/7')
      const head = await send(port, '/products/7', { method: 'HEAD' })
      assert.equal(head.body.length, 0)
      assert.equal(head.headers.etag, headers.etag)
      assert.equal(head.headers['content-length'], '10')
      assert.equal(asked(), 1)
    },
  },
  {
    name: 'a write makes the answers of its URL and of its tags unservable, and the tags stay here',
    async run({ port, asked }) {
      await send(port, '/products/7')
      const list = await send(port, '/products')
      assert.equal(list.headers['cache-tags'], undefined)
      const written = await send(port, '/products/7', { method: 'PUT' })
      assert.equal(written.status, 204)
      assert.equal(written.headers['cache-invalidate-tags'], undefined)
      await send(port, '/products/7')
      await send(port, '/products')
      assert.equal(asked(), 5)
    },
  },
  {
    name: 'a write that fails leaves everything as it is',
    async run({ port, asked }) {
      await send(port, '/products/7')
      const failed = await send(port, '/products/7?fail=1', { method: 'PUT' })
      assert.equal(failed.status, 409)
      await send(port, '/products/7')
      assert.equal(asked(), 2)
    },
  },
  {
    name: 'users see their own answers alone',
    async run({ port }) {
      for (const user of ['ada', 'bob', 'ada']) {
        const reply = await send(port, '/me', { headers: { authorization: user } })
        assert.equal(reply.body.toString(), user)
      }
      for (const user of ['ada', 'bob', 'ada']) {
        const reply = await send(port, '/me', { headers: { cookie: `user=${user}` } })
        assert.equal(reply.body.toString(), `user=${user}`)
      }
    },
  },
  {
    name: 'who asks at once shares one call of the handler',
    async run({ port, asked }) {
      const replies = await Promise.all(Array.from({ length: 20 }, () => send(port, '/slow')))
      assert.deepEqual(new Set(replies.map(({ body }) => body.toString())), new Set(['slow']))
      assert.equal(asked(), 1)
    },
  },
  {
    name: 'who asks at once for what is private gets an answer each',
    async run({ port }) {
      const replies = await Promise.all(Array.from({ length: 20 }, () => send(port, '/ticket')))
      assert.equal(new Set(replies.map(({ body }) => body.toString())).size, 20)
    },
  },
  {
    name: 'languages are told apart by `Vary`',
    async run({ port, asked }) {
      for (const language of ['de', 'en', 'de', 'en']) {
        const reply = await send(port, '/greeting', { headers: { 'accept-language': language } })
        assert.equal(reply.body.toString(), `hello ${language}`)
      }
      assert.equal(asked(), 2)
    },
  },
  {
    name: 'a large body streams through, whole and not kept',
    async run({ port, asked }) {
      const first = await send(port, '/large')
      const second = await send(port, '/large')
      assert.equal(first.body.length, 8_388_608)
      assert.ok(first.body.equals(second.body))
      assert.equal(asked(), 2)
    },
  },
  {
    name: 'a part of an answer is asked of the handler',
    async run({ port, asked }) {
      await send(port, '/products/7')
      const part = await send(port, '/products/7', { headers: { range: 'bytes=0-3' } })
      assert.match(statusOf(part), /fwd=bypass; detail=range/)
      assert.equal(asked(), 2)
    },
  },
  {
    name: 'a stale answer is served while the handler makes a new one, and after that the new one',
    async run({ port, asked, advance, rest }) {
      assert.equal((await send(port, '/counter')).body.toString(), '1')
      await advance(11_000)
      assert.equal((await send(port, '/counter')).body.toString(), '1')
      await rest()
      assert.equal((await send(port, '/counter')).body.toString(), '2')
      assert.equal(asked(), 2)
    },
  },
  {
    name: 'a stale answer is served where the handler fails',
    async run({ port, advance }) {
      assert.equal((await send(port, '/fragile')).body.toString(), 'well')
      await advance(11_000)
      const reply = await send(port, '/fragile')
      assert.equal(reply.status, 200)
      assert.equal(reply.body.toString(), 'well')
      assert.match(statusOf(reply), /fwd=stale; fwd-status=503/)
    },
  },
  {
    name: 'what the handler throws is answered by the framework, and not kept',
    async run({ port, asked }) {
      assert.equal((await send(port, '/broken')).status, 500)
      assert.equal((await send(port, '/broken')).status, 500)
      assert.equal(asked(), 2)
    },
  },
  {
    name: 'an answer without a body is kept too',
    async run({ port, asked }) {
      const first = await send(port, '/moved')
      const second = await send(port, '/moved')
      assert.equal(first.status, 301)
      assert.equal(second.status, 301)
      assert.equal(second.headers.location, '/products/7')
      assert.equal(asked(), 1)
    },
  },
]
