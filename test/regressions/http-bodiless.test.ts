/**
 * Handlers of Node may write a body into an answer that has none: a 304 that a framework makes of a stream, a HEAD
 * that is handled as a GET. Node reads such a body to its end and drops it. Behind the cache nobody read it, so the
 * handler was told to pause, and whatever it piped from stayed open for ever.
 */

import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { createCache } from '../../src/create-cache.ts'
import { createHttpCache, expressCache } from '../../src/http/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

/** More than waits for a reader before a handler is told to pause. */
function* pieces(): Generator<Buffer> {
  for (let at = 0; at < 20; at += 1) yield Buffer.alloc(20_000)
}

async function open(head: (asked: number) => [number, Record<string, string>]) {
  const clock = new FakeClock(Date.now())
  const cache = createCache({ name: 'bodiless' }, { clock })
  const middleware = expressCache(createHttpCache({ cache, clock }))
  let asked = 0
  let ended = 0
  const server = createServer((req, res) => {
    middleware(req, res, () => {
      asked += 1
      const body = Readable.from(pieces())
      body.once('close', () => {
        ended += 1
      })
      const [status, headers] = head(asked)
      res.writeHead(status, headers)
      body.pipe(res)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    clock,
    ended: () => ended,
    ask: (method: string) =>
      new Promise<{ status: number | undefined; size: number }>((resolve, reject) => {
        const sent = request({ port, host: '127.0.0.1', agent: false, method }, (reply) => {
          let size = 0
          reply.on('data', (chunk: Buffer) => {
            size += chunk.length
          })
          reply.on('end', () => resolve({ status: reply.statusCode, size }))
        })
        sent.on('error', reject).end()
      }),
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve))
      await cache.close()
    },
  }
}

test.each([204, 205, 304])('what is piped into a %i is read to its end', async (status) => {
  await using scene = await open(() => [status, {}])
  expect(await scene.ask('GET')).toEqual({ status, size: 0 })
  await vi.waitFor(() => expect(scene.ended()).toBe(1), 5_000)
})

test.each(['HEAD', 'GET'])(
  'what is piped where a %s renews an answer is read to its end',
  async (method) => {
    const headers = { 'cache-control': 'max-age=60', etag: '"a"' }
    await using scene = await open((asked) => [asked > 1 && method === 'GET' ? 304 : 200, headers])
    expect(await scene.ask('GET')).toEqual({ status: 200, size: 400_000 })
    await scene.clock.advance(61_000)
    expect(await scene.ask(method)).toEqual({ status: 200, size: method === 'GET' ? 400_000 : 0 })
    await vi.waitFor(() => expect(scene.ended()).toBe(2), 5_000)
  },
)
