/**
 * Express and Fastify ask the handler behind a stale answer with the response object of that answer. It once was
 * asked while the answer was still being sent, if finding out that it had to be asked took a while, as over a
 * shared tier: what was left to send and what it wrote met in one object, so that an empty answer was kept for
 * everybody, and a client waited for an end that never came. Fastify did not ask it at all by then.
 */

import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test, vi } from 'vitest'
import type { Clock } from '../../src/contracts/clock.ts'
import { createCache } from '../../src/create-cache.ts'
import { createHttpCache, expressCache } from '../../src/http/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { chaosTier, FakeClock } from '../../src/testing/index.ts'
import { send } from '../contract/http-cases.ts'
import { type Framework, frameworks, type Served } from '../contract/http-frameworks.ts'

/** More than the buffers of a connection hold. */
const LARGE = 12_000_000
const STALE = { 'cache-control': 'max-age=10, stale-while-revalidate=600' }

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Middleware of Express in front of a handler that says nothing of its status. */
const plain: Framework = async (http, service) => {
  const middleware = expressCache(http)
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const asking = { method: String(req.method), path: String(req.url), query: '' }
    const { status, headers = {}, body } = await service({ ...asking, header: () => undefined })
    if (status !== undefined) res.statusCode = status
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
    if (body instanceof Readable) await pipeline(body, res)
    else res.end(body)
  }
  const server = createServer((req, res) => {
    res.setHeader('x-outer', 'yes')
    middleware(req, res, () => void answer(req, res))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

const { 'Express 5': inExpress, 'Fastify 5': inFastify } = frameworks

/** A service whose nth answer is what `serve` makes of n, behind a cache on a tier that takes a few turns a step. */
async function open(framework: Framework, serve: (n: number) => Served | Promise<Served>) {
  const clock = new FakeClock(Date.now())
  const later = { schedule: (_ms: number, run: () => void) => setImmediate(run) }
  const plan = () => ({ kind: 'delay', ms: 1 }) as const
  const shared = chaosTier(memoryTier(), plan, later as unknown as Clock)
  const cache = createCache({ name: 'behind', shared, memory: 'off' }, { clock })
  await cache.ready()
  const work: Promise<unknown>[] = []
  const errors: unknown[] = []
  const http = createHttpCache({
    cache,
    clock,
    maxBytes: 20_000_000,
    waitUntil: (promise) => void work.push(promise),
    onError: (error) => void errors.push(error),
  })
  let asked = 0
  const { port, close } = await framework(http, async () => {
    asked += 1
    return await serve(asked)
  })
  return {
    port,
    errors,
    asked: () => asked,
    advance: (ms: number) => clock.advance(ms),
    /** What goes on behind what was asked for until now is done, and what has followed from it. */
    async rest() {
      for (let at = 0; at < work.length; at += 1) await work[at]
    },
    [Symbol.asyncDispose]: async () => {
      await close()
      await cache.close()
    },
  }
}

/** As soon as the head is here; nothing of the body is taken. */
function head(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false }, resolve).on('error', reject)
  })
}

async function sizeOf(reply: IncomingMessage): Promise<number> {
  let size = 0
  for await (const chunk of reply) size += (chunk as Buffer).length
  return size
}

const letter = (n: number): string => String.fromCharCode(96 + n)

describe.each([
  ['Express 5', inExpress as Framework],
  ['Fastify 5', inFastify as Framework],
  ['a plain server of Node', plain],
])('behind a stale answer, in %s', (_, framework) => {
  test('a slow client gets all of it, the handler is asked after that, and the next has the new one', async () => {
    const served = (n: number) => ({ headers: STALE, body: letter(n).repeat(LARGE) })
    await using scene = await open(framework, served)
    await send(scene.port, '/')
    await scene.advance(11_000)
    const slow = await head(scene.port)
    // Long enough for a handler that were asked too early.
    for (let turns = 0; turns < 500; turns += 1) await turn()
    expect(scene.asked()).toBe(1)
    expect(await sizeOf(slow)).toBe(LARGE)
    await scene.rest()
    const next = await send(scene.port, '/')
    expect([next.status, next.body.length, String.fromCharCode(next.body[0] ?? 0)]).toEqual([
      ...[200, LARGE, 'b'],
    ])
    expect(next.headers['cache-status']).toMatch(/^http; hit/)
    expect([scene.asked(), scene.errors]).toEqual([2, []])
  })

  test('a client that goes away does not keep the handler from being asked', async () => {
    const served = (n: number) => ({ headers: STALE, body: letter(n).repeat(LARGE) })
    await using scene = await open(framework, served)
    await send(scene.port, '/')
    await scene.advance(11_000)
    const gone = await head(scene.port)
    gone.on('error', () => {})
    gone.destroy()
    await vi.waitFor(() => expect(scene.asked()).toBe(2), 10_000)
    await scene.rest()
    const next = await send(scene.port, '/')
    expect([next.body.length, String.fromCharCode(next.body[0] ?? 0)]).toEqual([LARGE, 'b'])
    expect([scene.asked(), scene.errors]).toEqual([2, []])
  })

  test('nothing of it is in what the handler answers then', async () => {
    const etag = '"first"'
    const served = (n: number): Served =>
      n === 1
        ? { status: 404, headers: { ...STALE, etag, 'x-first': 'yes' }, body: 'first' }
        : { headers: { ...STALE, 'x-second': 'yes' }, body: 'the second' }
    await using scene = await open(framework, served)
    await send(scene.port, '/')
    await scene.advance(11_000)
    expect((await send(scene.port, '/')).body.toString()).toBe('first')
    await scene.rest()
    const { status, headers, body } = await send(scene.port, '/')
    expect([status, body.toString()]).toEqual([200, 'the second'])
    expect([headers['x-first'], headers['x-second'], headers['x-outer']]).toEqual([
      ...[undefined, 'yes', 'yes'],
    ])
    expect(headers.etag).not.toBe(etag)
    expect([headers['content-length'], headers['cache-status']]).toEqual([
      '10',
      expect.stringMatching(/^http; hit/),
    ])
    expect([scene.asked(), scene.errors]).toEqual([2, []])
  })

  test('a handler that pipes is heard to its end', async () => {
    const pieces = (n: number) => Array.from({ length: 10 }, () => Buffer.alloc(50_000, letter(n)))
    const served = (n: number) => ({ headers: STALE, body: Readable.from(pieces(n)) })
    await using scene = await open(framework, served)
    await send(scene.port, '/')
    await scene.advance(11_000)
    await send(scene.port, '/')
    await scene.rest()
    const { body, headers } = await send(scene.port, '/')
    expect([body.length, body.every((byte) => byte === 98)]).toEqual([500_000, true])
    expect(headers['cache-status']).toMatch(/^http; hit/)
    expect([scene.asked(), scene.errors]).toEqual([2, []])
  })

  test('its connection serves the next request while the handler is at work, and after that', async () => {
    const held = Promise.withResolvers<void>()
    await using scene = await open(framework, async (n) => {
      if (n > 1) await held.promise
      return { headers: STALE, body: letter(n) }
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    using _closing = { [Symbol.dispose]: () => agent.destroy() }
    const sockets = new Set<unknown>()
    // Whole: its end comes when it is stored.
    const ask = async (): Promise<string> => {
      const reply = await new Promise<IncomingMessage>((resolve, reject) => {
        get({ port: scene.port, host: '127.0.0.1', agent }, resolve).on('error', reject)
      })
      sockets.add(reply.socket)
      return await text(reply)
    }
    await ask()
    await scene.advance(11_000)
    expect(await ask()).toBe('a')
    await vi.waitFor(() => expect(scene.asked()).toBe(2), 10_000)
    expect(await ask()).toBe('a')
    held.resolve()
    await scene.rest()
    expect(await ask()).toBe('b')
    expect([sockets.size, scene.asked(), scene.errors]).toEqual([1, 2, []])
  })
})
