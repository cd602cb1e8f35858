/** Bodies beyond the bound: they stream through, and memory does not grow with them. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { collectBody } from './collect-body.ts'
import { createHttpCache } from './create-http-cache.ts'

const CHUNK = 65_536
const GIGABYTE = 1_073_741_824
const KEPT = { 'cache-control': 'max-age=60' }

/** Made as it is asked for; each chunk is memory of its own. */
function bytesOf(size: number): ReadableStream<Uint8Array> {
  let left = size
  return new ReadableStream(
    {
      pull(controller) {
        const length = Math.min(CHUNK, left)
        left -= length
        if (length > 0) controller.enqueue(new Uint8Array(length))
        if (left === 0) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

setFlagsFromString('--expose_gc')
const collect = runInNewContext('gc') as () => void

function setup() {
  const cache = createCache({ name: 'large' })
  let asked = 0
  const ask = (
    body: () => ReadableStream<Uint8Array> | string,
    headers: Record<string, string> = KEPT,
  ): Promise<Response> =>
    createdWith.handle(new Request('http://shop.test/file'), () => {
      asked += 1
      return new Response(body(), { headers })
    })
  const createdWith = createHttpCache({ cache })
  return { ask, asked: () => asked, [Symbol.asyncDispose]: async () => void (await cache.close()) }
}

async function drain(response: Response, each: () => void = () => {}): Promise<number> {
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    each()
  }
  return size
}

describe('a body above the bound', () => {
  test('of 1 GB streams through, and memory grows by at most 64 MB', {
    timeout: 120_000,
  }, async () => {
    await using scene = setup()
    // What running it costs is there before it is measured.
    await drain(await scene.ask(() => bytesOf(GIGABYTE)))
    collect()
    const before = process.memoryUsage.rss()
    let most = 0
    let chunks = 0
    const size = await drain(await scene.ask(() => bytesOf(GIGABYTE)), () => {
      chunks += 1
      if (chunks % 256 !== 0) return
      // What nobody holds is collected when the engine sees fit, some 80 MB later at times.
      collect()
      most = Math.max(most, process.memoryUsage.rss())
    })
    expect(size).toBe(GIGABYTE)
    expect((most - before) / 1_048_576).toBeLessThan(64)
    expect(scene.asked()).toBe(2)
  })

  test('is read no faster than the client takes it', async () => {
    let made = 0
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          made += 1
          controller.enqueue(new Uint8Array(1_000))
        },
      },
      { highWaterMark: 0 },
    )
    const { stream, whole } = collectBody(source, {
      most: 5_000,
      length: undefined,
      settled: Promise.resolve(),
    })
    expect(await whole).toBe('too-large')
    // The bound, and what told that it is exceeded.
    await new Promise((resolve) => setImmediate(resolve))
    expect(made).toBe(6)
    await stream.cancel()
  })

  test('ends with its client, also while nothing more of it comes', async () => {
    await using scene = setup()
    const cancelled = Promise.withResolvers<unknown>()
    const silent = () =>
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array(2_000_000)),
        cancel: (reason) => cancelled.resolve(reason),
      })
    const response = await scene.ask(silent)
    const reader = response.body?.getReader()
    expect((await reader?.read())?.value?.byteLength).toBe(2_000_000)
    await reader?.cancel('gone')
    expect(await cancelled.promise).toBe('gone')
  })

  test('ends when it has grown beyond it, if its client has gone before', async () => {
    await using scene = setup()
    const cancelled = Promise.withResolvers<void>()
    const controllers: ReadableStreamDefaultController<Uint8Array>[] = []
    const silent = () =>
      new ReadableStream<Uint8Array>({
        start: (controller) => void controllers.push(controller),
        cancel: () => cancelled.resolve(),
      })
    const response = await scene.ask(silent)
    await response.body?.cancel()
    controllers[0]?.enqueue(new Uint8Array(2_000_000))
    await cancelled.promise
  })

  test('with a stated length is not collected at all', async () => {
    await using scene = setup()
    const headers = { ...KEPT, 'content-length': '2000000' }
    const response = await scene.ask(() => bytesOf(2_000_000), headers)
    expect(response.headers.get('cache-status')).toContain('detail=size')
    expect(await drain(response)).toBe(2_000_000)
  })

  test('below it is kept, also if the client goes away', async () => {
    await using scene = setup()
    const response = await scene.ask(() => bytesOf(CHUNK * 4))
    await response.body?.cancel()
    const again = await scene.ask(() => bytesOf(CHUNK * 4))
    expect(await drain(again)).toBe(CHUNK * 4)
    expect(scene.asked()).toBe(1)
  })

  test('is whole for a client that knows its length when it is stored, and not before', async () => {
    const stored = Promise.withResolvers<void>()
    const { stream, whole } = collectBody(bytesOf(CHUNK * 2), {
      most: CHUNK * 4,
      length: CHUNK * 2,
      settled: stored.promise,
    })
    const reader = stream.getReader()
    expect((await reader.read()).value?.byteLength).toBe(CHUNK)
    let seen = false
    const rest = reader.read().then((read) => {
      seen = true
      return read
    })
    expect(await whole).toHaveLength(CHUNK * 2)
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen).toBe(false)
    stored.resolve()
    expect((await rest).value?.byteLength).toBe(CHUNK)
    expect((await reader.read()).done).toBe(true)
  })

  test('of a stated length that has come is whole, though its stream goes on or breaks off', async () => {
    await using scene = setup()
    const headers = { ...KEPT, 'content-length': '10' }
    const endless = (): ReadableStream<Uint8Array> =>
      new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) })
    const response = await scene.ask(endless, headers)
    const read = await response.body?.getReader().read()
    expect(read?.value?.byteLength).toBe(10)
    expect(await drain(await scene.ask(endless, headers))).toBe(10)
    expect(scene.asked()).toBe(1)
  })

  test('that breaks off is not kept, and its client sees that it broke off', async () => {
    await using scene = setup()
    const broken = (): ReadableStream<Uint8Array> => {
      let first = true
      return new ReadableStream({
        pull(controller) {
          if (first) controller.enqueue(new Uint8Array(10))
          else controller.error(new Error('the origin is gone'))
          first = false
        },
      })
    }
    await expect(drain(await scene.ask(broken))).rejects.toThrow('the origin is gone')
    await scene.ask(() => 'whole').then((response) => response.text())
    expect(scene.asked()).toBe(2)
  })

  test('shorter than its stated length is not kept (RFC 9111, 3.3)', async () => {
    await using scene = setup()
    const headers = { ...KEPT, 'content-length': '10' }
    await drain(await scene.ask(() => bytesOf(5), headers))
    await drain(await scene.ask(() => bytesOf(10), headers))
    expect(scene.asked()).toBe(2)
  })
})
