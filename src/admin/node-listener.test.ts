import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Admin, RequestOrigin } from './admin-options.ts'
import { adminListener } from './node-listener.ts'

type Answer = (request: Request, origin: RequestOrigin) => Response | Promise<Response>

/** What stands behind the adapter is no matter of it. */
async function listen(answer: Answer) {
  const admin = { fetch: async (...given: Parameters<Answer>) => await answer(...given) }
  const server = createServer(adminListener(admin as unknown as Admin)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { server, port: (server.address() as AddressInfo).port }
}

describe('between node:http and the web', () => {
  test('a request and its answer go through whole', async () => {
    const { port } = await listen(async (given, origin) => {
      const seen = {
        url: given.url,
        method: given.method,
        host: given.headers.get('host'),
        cookie: given.headers.get('cookie'),
        length: (await given.text()).length,
        remoteAddress: origin.remoteAddress,
        isRaw: origin.rawHeaders?.some((name) => /^x-own$/i.test(name)),
      }
      const headers = { 'x-answer': 'yes', 'set-cookie': 'a=b' }
      return new Response(JSON.stringify(seen), { status: 202, headers })
    })
    const answer = await fetch(`http://127.0.0.1:${port}/a%2Fb?c=d`, {
      method: 'POST',
      body: 'ä'.repeat(100_000),
      headers: { 'X-Own': '1', cookie: 'x=y; z=1' },
    })
    expect([
      answer.status,
      answer.headers.get('x-answer'),
      answer.headers.get('set-cookie'),
    ]).toEqual([202, 'yes', 'a=b'])
    expect(await answer.json()).toEqual({
      url: `http://127.0.0.1:${port}/a%2Fb?c=d`,
      method: 'POST',
      host: `127.0.0.1:${port}`,
      cookie: 'x=y; z=1',
      length: 100_000,
      remoteAddress: '127.0.0.1',
      isRaw: true,
    })
  })

  test('what a framework has cut off the path is there', async () => {
    const server = createServer((incoming, outgoing) => {
      Object.assign(incoming, { originalUrl: incoming.url, url: '/cut' })
      const admin = { fetch: async (given: Request) => new Response(new URL(given.url).pathname) }
      adminListener(admin as unknown as Admin)(incoming, outgoing)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}/whole/path`)
    expect(await answer.text()).toBe('/whole/path')
  })

  test('a reader that does not read is not written to without end, and its end is told', async () => {
    const chunk = new Uint8Array(65_536)
    const stream = { pulls: 0, cancelled: Promise.withResolvers<void>() }
    const { port } = await listen(() => {
      const body = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            stream.pulls += 1
            controller.enqueue(chunk)
          },
          cancel: () => stream.cancelled.resolve(),
        },
        { highWaterMark: 0 },
      )
      return new Response(body)
    })
    const socket = connect(port, '127.0.0.1')
    socket.pause().write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    // What the system takes in on both sides comes to an end.
    const settled = async (): Promise<boolean> => {
      const before = stream.pulls
      await Promise.all(Array.from({ length: 20 }, () => fetchNothing(port)))
      return before > 0 && stream.pulls === before
    }
    await expect.poll(settled, { timeout: 10_000 }).toBe(true)
    expect(stream.pulls).toBeLessThan(1_000)
    socket.destroy()
    await stream.cancelled.promise
  })

  test('what has no end ends for a reader who had gone before it began', async () => {
    const gone = Promise.withResolvers<void>()
    const cancelled = Promise.withResolvers<string>()
    const { server, port } = await listen(async () => {
      await gone.promise
      const cancel = (): void => cancelled.resolve('cancelled')
      return new Response(new ReadableStream({ cancel }))
    })
    server.on('request', (_, outgoing) => outgoing.once('close', () => gone.resolve()))
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    await once(server, 'request')
    socket.destroy()
    expect(await cancelled.promise).toBe('cancelled')
  })

  test('a request that is given up in its middle harms nobody', async () => {
    const begun = Promise.withResolvers<void>()
    const read = Promise.withResolvers<string>()
    const { port } = await listen(async (given) => {
      begun.resolve()
      await given.text().then(read.resolve, () => read.resolve('given up'))
      return new Response('done')
    })
    const socket = connect(port, '127.0.0.1')
    socket.write(`POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 9\r\n\r\nfour`)
    await begun.promise
    socket.destroy()
    expect(await read.promise).toBe('given up')
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('done')
  })

  test('an answer that cannot be had ends the connection, and nothing else', async () => {
    const { port } = await listen(() => Promise.reject(new Error('never')))
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
  })
})

/** Something that takes the event loop a few turns. */
async function fetchNothing(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
}
