/** What the shop has in its cache before anyone asks, and what its page says of it. */

import { join } from 'node:path'
import { type Collection, createCache } from 'tiercel'
import { sqliteTier } from 'tiercel/sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { WarmRun } from '../src/cache/warm-runs.ts'
import type { StatusReport } from '../src/status/status-report.ts'
import { EACH_SOURCE, onPostgres, onSqlite } from './each-source.ts'
import { type OpenShop, openShop } from './open-shop.ts'

const MINUTE_MS = 60_000

/** In place of every full hour. */
const twiceASecond = { next: (after: number) => (Math.floor(after / 500) + 1) * 500 }

interface One {
  readonly cached: boolean
  readonly data: { readonly id: number; readonly name: string }
}

async function one(shop: OpenShop, path: string): Promise<One> {
  return (await shop.get(path)).json()
}

async function runs(shop: OpenShop): Promise<readonly WarmRun[]> {
  return ((await shop.get('/status')).json() as StatusReport).warming
}

/** Waits for a run that has come to its end with these numbers. */
async function ended(
  shop: OpenShop,
  pattern: string,
  reason: WarmRun['reason'],
  numbers: Partial<WarmRun> = {},
): Promise<void> {
  await expect
    .poll(() => runs(shop), { timeout: 10_000 })
    .toContainEqual(expect.objectContaining({ pattern, reason, state: 'done', ...numbers }))
}

/** The same entries, by way of the shared tier. */
function entriesOf(dataDir: string, collection: string): Collection<number, object> {
  const shared = sqliteTier(join(dataDir, 'cache.db'))
  const cache = createCache({ name: 'shop', shared, memory: 'off' })
  onTestFinished(async () => {
    await cache.close()
  })
  return cache.collection<number, object>(collection, { source: { load: () => undefined } })
}

describe.each(EACH_SOURCE)('a start, with the source in %s,', (_, open) => {
  test('brings what sells best, for an hour, so that its first read is answered by the cache', async () => {
    const { options, sql } = await open()
    const shop = await openShop({ ...options, warming: 'on' })
    const sold = await sql<{ id: number }>(
      'SELECT id FROM products WHERE sold > 100 ORDER BY sold DESC, id',
    )
    const [slow] = await sql<{ id: number }>('SELECT id FROM products WHERE sold <= 100 LIMIT 1')
    expect(sold.length).toBeGreaterThan(20)
    const { length } = sold
    await ended(shop, 'product:*', 'start', { expected: length, loaded: length, failed: 0 })
    for (const { id } of sold) expect((await one(shop, `/products/${id}`)).cached).toBe(true)
    expect((await one(shop, `/products/${slow?.id}`)).cached).toBe(false)

    const entries = entriesOf(options.dataDir, 'product')
    const [warmed, read] = await Promise.all(
      [sold[0], slow].map((product) => entries.ttl(Number(product?.id))),
    )
    // Jitter takes a tenth at most.
    expect(warmed).toBeGreaterThan(50 * MINUTE_MS)
    expect(warmed).toBeLessThanOrEqual(60 * MINUTE_MS)
    expect(read).toBeLessThanOrEqual(30 * MINUTE_MS)
  })
})

describe.each(EACH_SOURCE)('the clock, with the source in %s,', (_, open) => {
  test('brings what is cached up to date, which nothing has told the shop', async () => {
    const { options, sql } = await open()
    const shop = await openShop({ ...options, warming: 'on', hourly: twiceASecond })
    await ended(shop, 'product:*', 'start')
    const [slow] = await sql<{ id: number }>('SELECT id FROM products WHERE sold <= 100 LIMIT 1')
    const path = `/products/${slow?.id}`
    await one(shop, path)
    await sql(`UPDATE products SET name = 'Past the cache' WHERE id = ${slow?.id}`)
    const read = async () => {
      const { cached, data } = await one(shop, path)
      return { cached, name: data.name }
    }
    await expect.poll(read, { timeout: 10_000 }).toEqual({ cached: true, name: 'Past the cache' })
  })

  test('brings the users who logged in last, and the countries', async () => {
    const { options, sql } = await open()
    const shop = await openShop({ ...options, warming: 'on', hourly: twiceASecond })
    const users = await sql<{ id: number }>(
      'SELECT id FROM users ORDER BY "lastLoginAt" DESC, id LIMIT 101',
    )
    await ended(shop, 'user:*', 'schedule', { expected: 100, loaded: 100 })
    await ended(shop, 'country:*', 'schedule')
    const [latest, last, late] = [users[0]?.id, users[99]?.id, users[100]?.id]
    expect(await one(shop, `/users/${latest}`)).toMatchObject({ cached: true })
    expect(await one(shop, `/users/${last}`)).toMatchObject({ cached: true })
    expect(await one(shop, `/users/${late}`)).toMatchObject({ cached: false })
    expect(await one(shop, '/countries')).toMatchObject({ cached: true })
  })

  test('gives two hours to what was viewed more than a hundred times', async () => {
    const { options, sql } = await open()
    const shop = await openShop({ ...options, warming: 'on', hourly: twiceASecond })
    const [slow] = await sql<{ id: number }>('SELECT id FROM products WHERE sold <= 100 LIMIT 1')
    for (let n = 0; n <= 100; n += 1) await shop.get(`/products/${slow?.id}`)
    const entries = entriesOf(options.dataDir, 'product')
    await expect
      .poll(() => entries.ttl(Number(slow?.id)), { timeout: 10_000 })
      .toBeGreaterThan(100 * MINUTE_MS)
  })
})

describe('what is read near the end of its life', () => {
  test.each([
    ['/products/7', 'product', 'products'],
    ['/users/7', 'user', 'users'],
  ])('is loaded anew behind, so that nobody waits for %s', async (path, collection, table) => {
    const { options, sql } = await onSqlite()
    await one(await openShop({ ...options, instance: 'other' }), path)
    const shop = await openShop(options)
    await sql(`UPDATE ${table} SET name = 'Of late' WHERE id = 7`)
    await entriesOf(options.dataDir, collection).touch(7, '1m')
    const seen: One[] = []
    const read = async (): Promise<string> => {
      const answer = await one(shop, path)
      seen.push(answer)
      return answer.data.name
    }
    await expect.poll(read, { timeout: 10_000, interval: 10 }).toBe('Of late')
    expect(seen.filter(({ cached }) => !cached)).toEqual([])
  })
})

describe('a source that keeps warming waiting', () => {
  test('keeps no shop from its start, and the page shows what came of it', async () => {
    const { options, begin } = await onPostgres()
    await (await openShop(options)).close()
    const other = await begin()
    await other.query('LOCK TABLE products IN ACCESS EXCLUSIVE MODE')

    const shop = await openShop({ ...options, warming: 'on' })
    expect(await one(shop, '/countries')).toMatchObject({ cached: false })
    expect((await shop.get('/health/ready')).status).toBe(200)
    expect((await shop.get('/')).body).toContain('Nothing was warmed yet.')

    await other.query('COMMIT')
    await ended(shop, 'product:*', 'start')
    expect((await shop.get('/')).body).toMatch(/>done at \d\d:\d\d:\d\d<\/time> after \d+\.\d s</)
  })

  test('is seen on the page as a run that is under way', async () => {
    const { options, begin } = await onPostgres()
    await (await openShop(options)).close()
    const other = await begin()
    await other.query('LOCK TABLE countries IN ACCESS EXCLUSIVE MODE')

    const shop = await openShop({ ...options, warming: 'on', hourly: twiceASecond })
    const country = async () => (await runs(shop)).find(({ pattern }) => pattern === 'country:*')
    // Told every half a second, so that it has gone on for a while.
    await expect
      .poll(async () => (await country())?.elapsedMs, { timeout: 10_000 })
      .toBeGreaterThan(400)
    expect(await country()).toMatchObject({ state: 'running', done: 0, expected: 1 })
    const { body } = await shop.get('/')
    expect(body).toContain('<progress value="0" max="1"></progress> 0 of 1')
    expect(body).toMatch(/>running for \d+\.\d s/)

    await other.query('COMMIT')
    await ended(shop, 'country:*', 'schedule', { done: 1, loaded: 1 })
  })
})
