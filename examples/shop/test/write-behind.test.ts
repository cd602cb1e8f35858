/** Changes that wait for the source: who sees them, when the source has them, and what it refuses. */

import { join } from 'node:path'
import fastify from 'fastify'
import pg from 'pg'
import { QueueFullError } from 'tiercel'
import { openSqlite } from 'tiercel/sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../../../test/servers/start-postgres.ts'
import type { Product } from '../src/products/product.ts'
import { answerErrors } from '../src/server/answer-errors.ts'
import type { StatusReport } from '../src/status/status-report.ts'
import { newFolder } from './new-folder.ts'
import { type OpenShop, openShop } from './open-shop.ts'
import { productDraft } from './product-draft.ts'

/** Two instances on one source, and a way past them to what it holds. */
interface Scene {
  readonly one: OpenShop
  readonly other: OpenShop
  sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** The source refuses prices from 1,000,000 on, until `mend`. */
  refuseHighPrices(): Promise<unknown>
  mend(): Promise<unknown>
}

async function onSqlite(): Promise<Scene> {
  const dataDir = await newFolder()
  const [one, other] = await twoShops({ dataDir })
  const source = openSqlite(join(dataDir, 'source.db'))
  onTestFinished(() => source.close())
  return {
    one,
    other,
    sql: (text) => source.all(text),
    refuseHighPrices: () =>
      source.run(`CREATE TRIGGER dear BEFORE UPDATE ON products WHEN new.priceCents >= 1000000
        BEGIN SELECT RAISE(ABORT, 'far too <dear>'); END`),
    mend: () => source.run('DROP TRIGGER dear'),
  }
}

async function onPostgres(): Promise<Scene> {
  const server = await startPostgres()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const pool = new pg.Pool({ connectionString: server.url })
  onTestFinished(() => pool.end())
  const [one, other] = await twoShops({ dataDir: await newFolder(), databaseUrl: server.url })
  return {
    one,
    other,
    sql: async (text) => (await pool.query(text)).rows,
    refuseHighPrices: () =>
      pool.query(
        'ALTER TABLE products ADD CONSTRAINT "far too <dear>" CHECK ("priceCents" < 1000000)',
      ),
    mend: () => pool.query('ALTER TABLE products DROP CONSTRAINT "far too <dear>"'),
  }
}

async function twoShops(options: {
  readonly dataDir: string
  readonly databaseUrl?: string
}): Promise<readonly [OpenShop, OpenShop]> {
  const one = await openShop({ ...options, instance: 'one' })
  return [one, await openShop({ ...options, instance: 'other' })]
}

async function product(shop: OpenShop, id: number): Promise<Product> {
  return ((await shop.get(`/products/${id}`)).json() as { data: Product }).data
}

async function queueOf(shop: OpenShop): Promise<StatusReport['queue']> {
  return ((await shop.get('/status')).json() as StatusReport).queue
}

interface Receipt {
  readonly id: string
  readonly durability: string
}

describe.each([
  ['SQLite', onSqlite],
  ['PostgreSQL', onPostgres],
] as const)('a change, with the products in %s,', (_, open) => {
  test('is read on all instances at once, and reaches the source within seconds', async () => {
    const { one, other, sql } = await open()
    await product(other, 7)
    const changed = await one.send('PUT', '/products/7', productDraft({ name: 'Loud Kettle' }))
    expect(changed.status).toBe(202)
    const { id, durability } = changed.json() as Receipt
    expect(durability).toBe('fsynced')
    expect(changed.headers).toMatchObject({ location: `/writes/${encodeURIComponent(id)}` })

    expect((await product(one, 7)).name).toBe('Loud Kettle')
    await expect
      .poll(async () => (await product(other, 7)).name, { timeout: 1_000, interval: 5 })
      .toBe('Loud Kettle')
    const state = async () => (await other.get(`/writes/${encodeURIComponent(id)}`)).json()
    await expect.poll(state, { timeout: 10_000 }).toEqual({ id, state: 'applied' })
    expect(await sql('SELECT name FROM products WHERE id = 7')).toEqual([{ name: 'Loud Kettle' }])
  })

  test('that the source refuses is a dead letter on each page, and applied when all is mended', async () => {
    const { one, other, refuseHighPrices, mend, sql } = await open()
    await refuseHighPrices()
    await one.send('PUT', '/products/7', productDraft({ name: 'Gold', priceCents: 2_000_000 }))
    await one.send('PUT', '/products/8', productDraft({ name: 'Tin' }))
    for (const shop of [one, other]) {
      await expect
        .poll(() => queueOf(shop), { timeout: 10_000 })
        .toMatchObject({ waiting: 0, deadLetters: 1 })
      const { body } = await shop.get('/')
      expect(body).toContain('<h2>Dead letters</h2><strong>1</strong>')
      expect(body).toContain('<form method="post" action="/dead-letters/7/retry">')
      expect(body).toContain('far too &lt;dear>')
    }
    // The poison has kept nobody else up, and readers see what the source has.
    expect(await sql('SELECT name FROM products WHERE id = 8')).toEqual([{ name: 'Tin' }])
    expect((await product(other, 7)).revision).toBe(1)
    const { total, items } = (await other.get('/dead-letters')).json() as {
      total: number
      items: readonly Readonly<Record<string, unknown>>[]
    }
    expect(total).toBe(1)
    expect(items).toMatchObject([{ productId: 7, attempts: 1, product: { name: 'Gold' } }])
    expect(items[0]?.['error']).toContain('far too <dear>')

    await mend()
    expect((await other.send('POST', '/dead-letters/7/retry')).status).toBe(204)
    await expect
      .poll(() => sql('SELECT name FROM products WHERE id = 7'), { timeout: 10_000 })
      .toEqual([{ name: 'Gold' }])
    await expect.poll(() => queueOf(one)).toMatchObject({ waiting: 0, deadLetters: 0 })
    expect((await product(one, 7)).name).toBe('Gold')
    expect((await one.get('/')).body).not.toContain('/dead-letters/')
  })

  test('is not lost where it meets a creation and a removal of its product', async () => {
    const { one, other, sql } = await open()
    const created = await one.send('POST', '/products', productDraft({ name: 'New' }))
    const { id } = (created.json() as { data: Product }).data
    expect(
      (await other.send('PUT', `/products/${id}`, productDraft({ name: 'Newer' }))).status,
    ).toBe(202)
    // It waits: the removal lets it go first, and nothing brings the product back.
    expect((await one.send('DELETE', `/products/${id}`)).status).toBe(204)
    expect((await other.send('PUT', `/products/${id}`, productDraft())).status).toBe(404)
    await one.drained()
    expect(await sql(`SELECT name FROM products WHERE id = ${id}`)).toEqual([])
    expect((await queueOf(one))?.deadLetters).toBe(0)
  })

  test('of a product whose id is taken answers 409 when it is created', async () => {
    const { one, sql } = await open()
    await sql("UPDATE counters SET next = 7 WHERE name = 'product'")
    const { status, body } = await one.send('POST', '/products', productDraft())
    expect([status, body]).toEqual([
      409,
      '{"error":{"field":"body","message":"The source refused the create: The key exists."}}',
    ])
    expect((await product(one, 7)).name).not.toBe(productDraft().name)
  })
})

describe('dead letters', () => {
  test('are dropped by the button of the page, which leads back to it', async () => {
    const { one, refuseHighPrices } = await onSqlite()
    await refuseHighPrices()
    await one.send('PUT', '/products/7', productDraft({ priceCents: 2_000_000 }))
    await expect.poll(() => queueOf(one), { timeout: 10_000 }).toMatchObject({ deadLetters: 1 })
    const form = {
      accept: 'text/html',
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    }
    const elsewhere = { ...form, 'sec-fetch-site': 'cross-site' }
    expect((await one.send('POST', '/dead-letters/7/drop', '', elsewhere)).status).toBe(403)
    expect(await queueOf(one)).toMatchObject({ deadLetters: 1 })
    const dropped = await one.send('POST', '/dead-letters/7/drop', '', form)
    expect(dropped).toMatchObject({ status: 303, headers: { location: '/' } })
    expect(await queueOf(one)).toMatchObject({ deadLetters: 0 })
  })

  test('that are not there answer 404', async () => {
    const shop = await openShop()
    for (const path of ['/dead-letters/7/retry', '/dead-letters/7/drop']) {
      expect((await shop.send('POST', path)).status).toBe(404)
    }
    const nobodys = await shop.get('/writes/nobodys')
    expect(nobodys.status).toBe(404)
    expect(nobodys.json()).toMatchObject({ error: { field: 'writeId' } })
  })
})

test('a full queue answers 503 and says when to come back', async () => {
  const app = fastify()
  onTestFinished(() => app.close())
  answerErrors(app)
  app.get('/', async () => {
    throw new QueueFullError('product:*', 100_000)
  })
  const { statusCode, headers } = await app.inject('/')
  expect([statusCode, headers['retry-after']]).toEqual([503, '1'])
})
