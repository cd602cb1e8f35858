/**
 * Secrets stand in keys, values, tags, URLs and the words of errors. None of them may get into what
 * is kept elsewhere: logs, metrics, traces, figures, health, and the words of the library's own errors.
 */

import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Cache } from '../../src/contracts/cache.ts'
import { CacheError } from '../../src/contracts/errors.ts'
import type { LoggerLike } from '../../src/contracts/logger.ts'
import { createCache } from '../../src/create-cache.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { instrument } from '../../src/otel/index.ts'
import { createPrometheus } from '../../src/prometheus/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { chaosTier } from '../../src/testing/chaos.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { type OtelScene, otelScene } from '../exporters/otel-scene.ts'
import { freePort } from '../servers/free-port.ts'
import { until } from '../servers/until.ts'

const SECRET = 'canary'

/** Each has the canary in its words, where drivers and users put what they were working on. */
const ERRORS: readonly unknown[] = [
  new Error(`duplicate key (id)=(${SECRET}-error)`),
  Object.assign(new Error('command failed'), { command: { args: [`${SECRET}-args`] } }),
  Object.assign(new TypeError(`redis://user:${SECRET}-password@db:6379`), { code: 'ECONNRESET' }),
  new Error('outer', { cause: new Error(`${SECRET}-cause`) }),
  `${SECRET}-text`,
  { message: `${SECRET}-object` },
  Object.assign(new Error('x'), { stack: `at ${SECRET}-stack` }),
]

/** All that a person or a tool could read afterwards. */
class Outside {
  readonly parts: { readonly from: string; readonly text: string }[] = []

  take(from: string, what: unknown): void {
    this.parts.push({ from, text: typeof what === 'string' ? what : inspect(what, { depth: 20 }) })
  }

  get leaks(): readonly string[] {
    return this.parts
      .filter(({ text }) => text.includes(SECRET))
      .map(
        ({ from, text }) =>
          `${from}: ${text.slice(Math.max(0, text.indexOf(SECRET) - 120), text.indexOf(SECRET) + 40)}`,
      )
  }
}

function logging(outside: Outside): LoggerLike {
  const paper = new Writable({
    write(chunk: Buffer, _, done) {
      outside.take('log', chunk.toString())
      done()
    },
  })
  return pino({ level: 'trace' }, paper)
}

async function takeFigures(outside: Outside, scene: OtelScene, cache: Cache): Promise<void> {
  const exporter = createPrometheus(cache)
  outside.take('text', (await exporter.scrape()).body)
  outside.take('openmetrics', (await exporter.scrape('application/openmetrics-text')).body)
  outside.take('metrics', await scene.collect())
  outside.take('stats', await cache.stats())
  outside.take('health', await cache.health())
  outside.take(
    'spans',
    scene.spans().map(({ name, attributes, events, status, links }) => ({
      name,
      attributes,
      events,
      status,
      links,
    })),
  )
}

/** Does everything there is, at first quietly, then while everything fails. */
async function everythingGoesWrong(options: { readonly logKeys?: 'shown' } = {}) {
  const [clock, outside] = [new FakeClock(), new Outside()]
  using scene = otelScene()
  let call = 0
  let isBroken = false
  const shared = chaosTier(
    memoryTier(),
    () => {
      call += 1
      if (!isBroken || call % 5 !== 0) return { kind: 'none' }
      return { kind: 'fail', error: ERRORS[call % ERRORS.length] as Error }
    },
    clock,
  )
  const plain = createCache(
    {
      name: 'shop',
      ...options,
      shared,
      logger: logging(outside),
      slowAfter: 1,
      summaryEvery: '1m',
      idle: { after: '1m' },
    },
    { clock },
  )
  using instrumented = instrument(plain, {
    tracer: scene.tracer,
    meter: scene.meters.getMeter('test'),
  })
  const cache = instrumented.cache
  let turn = 0
  const fails = (): never => {
    turn += 1
    throw ERRORS[turn % ERRORS.length]
  }
  const slow = <T>(answer: T): Promise<T> =>
    new Promise((resolve) => void clock.schedule(20, () => resolve(answer)))
  const things = cache.collection<string, unknown>('thing', {
    store: {
      fencing: 'unfenced',
      load: (key) => (key.endsWith('1') ? fails() : slow({ secret: `${SECRET}-value` })),
      apply: async (writes) => {
        if (turn++ % 2 === 0) fails()
        const error = ERRORS[turn % ERRORS.length]
        return writes.map(() => ({ kind: 'failed', error, retry: 'permanent' }) as const)
      },
    },
    write: { put: 'behind' },
    behind: { attempts: 2 },
    tagsOf: (_, key) => [`${key}-tag`],
    schema: {
      '~standard': {
        validate: (value: unknown) =>
          isBroken ? { issues: [{ message: `${SECRET}-issue` }] } : { value },
      },
    },
  })
  const calls: (() => Promise<unknown>)[] = [
    () => things.get(`${SECRET}-1`),
    () => things.get(`${SECRET}-2`),
    () => things.getMany([`${SECRET}-1`, `${SECRET}-3`]),
    () => things.put(`${SECRET}-4`, `${SECRET}-value`),
    () => things.create(`${SECRET}-5`, `${SECRET}-value`),
    () => things.remove(`${SECRET}-6`),
    () => things.refresh(`${SECRET}-2`),
    () => things.warm([`${SECRET}-7`, `${SECRET}-1`]),
    () => things.delete(`${SECRET}-2`),
    () => things.invalidatePattern(`${SECRET}*`),
    () => cache.set(`${SECRET}-key`, `${SECRET}-value`, { tags: [`${SECRET}-tag`] }),
    () => cache.set(`${SECRET}-key`, () => SECRET),
    () =>
      cache.setMany<unknown>([
        [`${SECRET}-a`, 1],
        [`${SECRET}-b`, () => SECRET],
        [`${SECRET}-c`, () => SECRET],
      ]),
    () => cache.getOrLoad(`${SECRET}-load`, fails),
    () => cache.read(`${SECRET}-key`),
    () => cache.invalidateTags([`${SECRET}-tag`]),
    () => cache.onExternalChange({ collection: 'thing', keys: [`${SECRET}-8`] }),
    () => cache.tryLock(`${SECRET}-lock`),
    () => cache.cleanUp(),
    () => cache.audit(),
    () => cache.get({ [SECRET]: SECRET } as never),
    () => clock.advance(65_000),
  ]
  for (let round = 0; round < 12; round += 1) {
    isBroken = round > 4
    for (const one of calls) {
      const work = Promise.resolve()
        .then(one)
        .catch((error) => {
          // The words are ours; what it was caused by is not, and stands in `cause`.
          if (error instanceof CacheError) outside.take('error', error.message)
        })
      await clock.advance(300)
      await Promise.race([work, clock.settle()])
    }
  }
  await takeFigures(outside, scene, plain)
  const closing = plain.close({ timeout: 10 })
  await clock.advance(1_000)
  await Promise.race([closing, clock.settle()])
  return { outside, spans: scene.spans().length }
}

test('no secret is told when everything goes wrong', async () => {
  const { outside, spans } = await everythingGoesWrong()
  expect(outside.leaks).toEqual([])
  // Something was told at all, of every kind.
  const log = outside.parts.filter(({ from }) => from === 'log').map(({ text }) => text)
  const words = [
    'a load failed',
    'the shared tier failed',
    'slow operation',
    'a part of a batch failed',
    'dead letters',
  ]
  for (const one of [...words, '"hit"', '"miss"'])
    expect
      .soft(
        log.some((line) => line.includes(one)),
        one,
      )
      .toBe(true)
  expect(spans).toBeGreaterThan(100)
  expect(outside.parts.filter(({ from }) => from === 'error').length).toBeGreaterThan(20)
})

test('a key that is shown is found by the search', async () => {
  const { outside } = await everythingGoesWrong({ logKeys: 'shown' })
  expect(outside.leaks.length).toBeGreaterThan(0)
})

test('the password of a server that is not there is told nowhere', async () => {
  const outside = new Outside()
  using scene = otelScene()
  const client = new Redis(`redis://user:${SECRET}-password@127.0.0.1:${await freePort()}`)
  client.on('error', () => {})
  const cache = createCache({ name: 'shop', shared: redisTier(client), logger: logging(outside) })
  using _instrumented = instrument(cache, {
    tracer: scene.tracer,
    meter: scene.meters.getMeter('test'),
  })
  try {
    await until('the log tells of the server', async () => {
      await cache.getOrLoad(`${SECRET}-key`, () => `${SECRET}-value`)
      await cache.delete(`${SECRET}-key`)
      return outside.parts.some(({ text }) => text.includes('the shared tier failed'))
    })
    await takeFigures(outside, scene, cache)
    expect(outside.leaks).toEqual([])
  } finally {
    await cache.close({ timeout: 10 })
    client.disconnect()
  }
})
