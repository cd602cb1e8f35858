/**
 * What the README shows of the command line is what it prints: the commands are run on a real scene, and
 * what they say is compared with the page, but for figures. `UPDATE=1` writes it.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { createCache, type Store } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { runTiercel } from '../cli/run-tiercel.ts'
import { serveAdmin } from '../cli/serve-admin.ts'
import { startRedis } from '../servers/start-redis.ts'
import { until } from '../servers/until.ts'

const PAGE = new URL('../../README.md', import.meta.url)
const BEGIN = '<!-- printed by the command line -->\n'
const END = '<!-- until here -->\n'
const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

interface Product {
  readonly id: number
  readonly category: number
}

const REFUSING: Store<number, string> = {
  fencing: 'versioned',
  load: () => undefined,
  apply: async (writes) =>
    writes.map(
      () => ({ kind: 'failed', error: new Error('no such row'), retry: 'permanent' }) as const,
    ),
}

/** Two instances of a shop on one Redis, with something for each command to tell of. */
async function setup() {
  const server = await startRedis()
  await server.call('CONFIG', 'SET', 'maxmemory', '256mb')
  const clients = [0, 1].map(() => new Redis(server.port, '127.0.0.1', { lazyConnect: true }))
  const open = (client: Redis, instance: string) => {
    const shared = redisTier(client)
    const metrics = { shareEvery: '200ms' } as const
    const cache = createCache({ name: 'shop', instance, shared, logger: SILENT, metrics })
    const products = cache.collection<number, Product>('product', {
      source: { loadMany: async (ids) => new Map(ids.map((id) => [id, { id, category: id % 7 }])) },
      tagsOf: ({ category }) => [`category:${category}`],
      workload: 'read-heavy',
      ttl: '30m',
      grace: '1h',
    })
    const read = async (keys: number): Promise<void> => {
      for (let at = 0; at < 2_000; at += 1) await products.get(at % keys)
    }
    return { cache, products, read }
  }
  const [one, two] = clients.map((client, at) => open(client, `shop-${at + 1}`))
  if (one === undefined || two === undefined) throw new Error('There are two.')
  const orders = two.cache.collection('order', {
    store: REFUSING,
    write: { put: 'behind' },
    behind: { delay: 1, attempts: 1 },
  })
  return {
    server,
    one,
    two,
    orders,
    async [Symbol.asyncDispose]() {
      await Promise.all([one.cache.close(), two.cache.close()])
      for (const client of clients) client.disconnect()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('the README shows what watch, inspect and doctor print', async () => {
  const scene = await setup()
  await using _ = scene
  const { server, one, two, orders } = scene
  await one.read(50)
  await two.read(60)
  await until('both tell of themselves', async () => (await two.cache.fleet()).length === 2)
  await using served = await serveAdmin(two.cache)

  let looks = 0
  const watched = await runTiercel(['watch', '--every', '300ms', '--count', '2', ...served.read], {
    terminal: { size: () => ({ columns: 110, rows: 30 }), colours: false },
    heard: () => {
      looks += 1
      if (looks === 1) void two.read(60)
    },
  })
  const left = watched.out.split('\u001b[?1049l')[1] ?? ''

  await orders.put(1, 'one')
  await orders.flush()
  const told = async () => (await one.cache.fleet())[1]?.stats.health.reasons.length === 1
  await until('the other instance tells of its dead letter', told)
  const redis = ['--redis', `redis://127.0.0.1:${server.port}`, '--name', 'shop']
  const key = ['--collection', 'product', '--key', '42', '--key-type', 'number']
  const inspected = await runTiercel(['inspect', ...key, ...redis])
  const examined = await runTiercel(['doctor', ...redis])
  await server.kill9()
  const away = await runTiercel(['doctor', ...redis])

  expect([watched.code, inspected.code, examined.code, away.code]).toEqual([0, 0, 4, 3])
  const place = '--redis redis://127.0.0.1:6379 --name shop'
  const shown = [
    '```console',
    '$ npx tiercel watch --url http://127.0.0.1:3000',
    left,
    `$ npx tiercel inspect --collection product --key 42 --key-type number ${place}`,
    inspected.out,
    `$ npx tiercel doctor ${place}`,
    examined.out,
    `$ npx tiercel doctor ${place} # while it is away`,
    away.out,
  ]
  const text = `${shown
    .map((part) => part.trimEnd())
    .join('\n')
    .replaceAll(`:${server.port}`, ':6379')
    .replaceAll(served.url, 'http://127.0.0.1:3000')}\n\`\`\`\n`
  const page = readFileSync(PAGE, 'utf8')
  const from = page.indexOf(BEGIN) + BEGIN.length
  const to = page.indexOf(END)
  const [before, old, after] = [page.slice(0, from), page.slice(from, to), page.slice(to)]
  if (process.env['UPDATE'] === '1') writeFileSync(PAGE, before + text + after)
  else expect(unfigured(old)).toBe(unfigured(text))
})

/** Without figures, and without the room that they take, by which lines are broken as well. */
function unfigured(text: string): string {
  const figure = /[<+-]?\d[\d.,:]*(-\d\d-\d\d)?( ?(ms|kB|MB|GB|[BkM%smhd])\b|%)?/g
  return text
    .replaceAll(figure, '#')
    .replaceAll(/# ?%/g, '#')
    .replaceAll(/(#\s?)+#/g, '#')
    .replaceAll(/\s+/g, ' ')
}
