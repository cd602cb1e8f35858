/** Several instances as one shop: a change on one is seen on all, whatever becomes of one of them. */

import { describe, expect, test } from 'vitest'
import { startPostgres } from '../../../test/servers/start-postgres.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import type { Product } from '../src/products/product.ts'
import type { ProductList } from '../src/products/views.ts'
import type { StatusReport } from '../src/status/status-report.ts'
import type { Stock } from '../src/stocks/stock.ts'
import { newFolder } from './new-folder.ts'
import { productDraft } from './product-draft.ts'
import { type Instance, instanceAt, startInstances } from './start-instances.ts'
import { startShop } from './start-shop.ts'

/** How long a copy in one instance may lag behind a change that another one has acknowledged. */
const SEEN_WITHIN_MS = 1_000

/** Lists are loaded from the source, which has a change about a second later. */
const LISTED_WITHIN_MS = 10_000

/** A change is refused after so long, when it has waited for its turn. */
const REFUSED_WITHIN_MS = 3_000

/** One call of the shared tier has 200 ms; what else a busy machine does comes on top. */
const BUDGET_MS = 200 + 400

async function product(instance: Instance, id: number): Promise<Product | undefined> {
  const answer = await instance.get(`/products/${id}`)
  return answer.status === 404 ? undefined : (answer.json() as { data: Product }).data
}

async function firstPage(instance: Instance): Promise<readonly Product[]> {
  return ((await instance.get('/products')).json() as { data: ProductList }).data.items
}

async function status(instance: Instance): Promise<StatusReport> {
  return (await instance.get('/status')).json()
}

/** Each of them has the product and its list in memory, and would serve them for a minute. */
async function warm(instances: readonly Instance[], id: number): Promise<void> {
  for (const instance of instances) {
    await expect
      .poll(async () => (await instance.get(`/products/${id}`)).tier, { timeout: 5_000 })
      .toBe('memory')
    await expect
      .poll(async () => (await instance.get('/products')).tier, { timeout: 5_000 })
      .toBe('memory')
  }
}

/** On all of them at once, so that each has the same time. */
async function seenOn<T>(
  instances: readonly Instance[],
  look: (instance: Instance) => Promise<T>,
  expected: T,
  timeout = SEEN_WITHIN_MS,
): Promise<void> {
  await Promise.all(
    instances.map((instance) =>
      expect.poll(() => look(instance), { timeout, interval: 10 }).toEqual(expected),
    ),
  )
}

async function changesAreSeenOnAll(instances: readonly Instance[]): Promise<void> {
  const [writer, ...readers] = instances
  if (writer === undefined) throw new Error('There is no instance.')
  await warm(instances, 7)
  const name = 'Loud Kettle'
  expect((await writer.send('PUT', '/products/7', productDraft({ name }))).status).toBe(202)
  const own = await writer.get('/products/7')
  expect(own.instance).toBe(writer.name)
  expect((own.json() as { data: Product }).data).toMatchObject({ name, revision: 2 })
  await seenOn(readers, async (reader) => (await product(reader, 7))?.name, name)
  const listed = async (reader: Instance) =>
    (await firstPage(reader)).find(({ id }) => id === 7)?.name
  await seenOn(readers, listed, name, LISTED_WITHIN_MS)

  const created = await writer.send('POST', '/products', productDraft())
  const { id } = (created.json() as { data: Product }).data
  await seenOn(readers, async (reader) => (await product(reader, id))?.id, id)
  expect((await writer.send('DELETE', '/products/7')).status).toBe(204)
  await seenOn(readers, (reader) => product(reader, 7), undefined)
  await seenOn(readers, listed, undefined)
}

/** As it is with products, but written around the cache: the next reads ask the source. */
async function pricesAreSeenOnAll(instances: readonly Instance[]): Promise<void> {
  const price = async (instance: Instance) =>
    ((await instance.get('/stocks/ACME')).json() as { data: Stock }).data.priceCents
  await Promise.all(instances.map(price))
  const changed = await instances[0]?.send('PUT', '/stocks/ACME', { priceCents: 4_711 })
  expect(changed?.status).toBe(204)
  await seenOn(instances, price, 4_711)
}

async function revisionsAreOwn(instances: readonly Instance[]): Promise<void> {
  const CHANGES = 12
  const changes = Array.from({ length: CHANGES }, (_, n) =>
    instances[n % instances.length]?.send(
      'PUT',
      '/products/9',
      productDraft({ name: `Kettle ${n}` }),
    ),
  )
  for (const answer of await Promise.all(changes)) expect(answer?.status).toBe(202)
  await seenOn(instances, async (one) => (await product(one, 9))?.revision, 1 + CHANGES)
}

describe('instances over Redis', () => {
  test('are one shop: changes are seen on all, and each says who and what answered', async () => {
    await using redis = await startRedis()
    const { instances, parent, ended } = await startInstances(3, { REDIS_URL: redis.url })
    expect(instances.map(({ name }) => name)).toEqual(['shop-1', 'shop-2', 'shop-3'])
    await changesAreSeenOnAll(instances)
    await pricesAreSeenOnAll(instances)
    await revisionsAreOwn(instances)

    for (const instance of instances) {
      await expect
        .poll(async () => (await status(instance)).following, { timeout: 5_000 })
        .toMatchObject({ state: 'followed', breaker: 'closed' })
      const report = await status(instance)
      expect(report).toMatchObject({
        instance: instance.name,
        sharedTier: { kind: 'redis', name: `127.0.0.1:${redis.port}/0` },
      })
      expect(report.following.hints).toBeGreaterThan(0)
      expect(report.files.map(({ name }) => name)).toEqual(['source.db'])
      const { body } = await instance.get('/')
      expect(body).toContain(`This is instance <b>${instance.name}</b>`)
      expect(body).toContain('Shared tier: redis')
      expect(body).toContain(`They share redis at 127.0.0.1:${redis.port}/0. Followed:`)
    }
    // The tier knows them by the same names.
    const keys = (await redis.call('KEYS', '{shop/*}:i')) as readonly string[]
    const known = String(await redis.call('HGETALL', keys[0] ?? ''))
    for (const { name } of instances) expect(known).toContain(name)
    parent.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  test('go on when one is killed, and all end with the process that started them', async () => {
    await using redis = await startRedis()
    const shop = await startInstances(3, { REDIS_URL: redis.url })
    const [one, victim, other] = shop.instances as [Instance, Instance, Instance]
    await warm(shop.instances, 7)
    process.kill(victim.pid, 'SIGKILL')
    await expect.poll(shop.complaints).toContain('shop-2 has ended (SIGKILL); the others go on.')

    const name = 'Loud Kettle'
    expect((await one.send('PUT', '/products/7', productDraft({ name }))).status).toBe(202)
    await seenOn([one, other], async (left) => (await product(left, 7))?.name, name)
    await expect(victim.get('/products/7')).rejects.toThrow()

    shop.parent.kill('SIGKILL')
    for (const { url } of [one, other]) {
      await expect.poll(() => fetch(url).catch(() => 'refused'), { timeout: 5_000 }).toBe('refused')
    }
  })

  test('answer within their time while Redis stands still, and are one shop again after', async () => {
    await using redis = await startRedis()
    const { instances } = await startInstances(2, { REDIS_URL: redis.url })
    const [one, other] = instances as [Instance, Instance]
    await warm(instances, 7)
    redis.pause()
    // Reviews, since products are warmed.
    for (let id = 20; id < 30; id += 1) {
      const answer = await one.get(`/products/${id}/reviews`)
      expect(answer).toMatchObject({ status: 200, tier: 'source' })
      expect(answer.durationMs).toBeLessThan(BUDGET_MS)
    }
    const name = 'Loud Kettle'
    // A change that nobody would keep is refused.
    const refused = await one.send('PUT', '/products/7', productDraft({ name }))
    expect(refused.status).toBe(503)
    expect(refused.durationMs).toBeLessThan(REFUSED_WITHIN_MS + 2 * BUDGET_MS)
    expect((await product(one, 7))?.revision).toBe(1)
    const page = await one.get('/')
    expect(page.status).toBe(200)
    expect(page.body).toContain('does not answer')
    expect((await status(one)).following).toMatchObject({
      breaker: expect.stringMatching(/open/),
      state: expect.not.stringMatching('followed'),
    })

    redis.resume()
    const put = async () => (await one.send('PUT', '/products/7', productDraft({ name }))).status
    await expect.poll(put, { timeout: 10_000 }).toBe(202)
    await expect.poll(async () => (await product(other, 7))?.name, { timeout: 10_000 }).toBe(name)
    await expect
      .poll(async () => (await status(one)).following, { timeout: 10_000 })
      .toMatchObject({ state: 'followed', breaker: 'closed' })
  })

  test('start without a Redis that does not answer yet, and find it when it does', async () => {
    await using redis = await startRedis()
    await redis.kill9()
    const env = { DATA_DIR: await newFolder(), REDIS_URL: redis.url }
    const { address, complaints, child } = startShop({ env, args: ['--instance', 'alone'] })
    const one = instanceAt('alone', await address, child.pid ?? 0)
    expect(complaints()).toContain(`Redis at 127.0.0.1:${redis.port}/0 does not answer`)
    expect((await one.get('/health/ready')).status).toBe(200)
    const answer = await one.get('/products/7')
    expect(answer).toMatchObject({ status: 200, instance: 'alone', tier: 'source' })
    await redis.start()
    await expect
      .poll(async () => (await status(one)).following.state, { timeout: 10_000 })
      .toBe('followed')
  })
})

describe('instances over PostgreSQL', () => {
  test('are one shop, with one queue that outlives the database', { timeout: 60_000 }, async () => {
    await using postgres = await startPostgres()
    const env = { DATABASE_URL: postgres.url }
    const { instances, parent, ended } = await startInstances(2, env)
    const [one, other] = instances as [Instance, Instance]
    await changesAreSeenOnAll(instances)
    await pricesAreSeenOnAll(instances)
    await revisionsAreOwn(instances)
    expect((await status(other)).source.kind).toBe('postgres')

    const queueIs = async (waiting: number) => {
      for (const instance of instances) {
        await expect
          .poll(async () => (await status(instance)).queue, { timeout: 20_000 })
          .toMatchObject({ waiting, deadLetters: 0 })
      }
    }
    await queueIs(0)
    await postgres.kill9()
    const draft = productDraft({ name: 'Loud Kettle' })
    expect((await one.send('PUT', '/products/9', draft)).status).toBe(202)
    await seenOn([other], async (reader) => (await product(reader, 9))?.name, draft.name)
    await queueIs(1)
    for (const instance of instances) {
      const { body } = await instance.get('/')
      expect(body).toContain('<h2>Waiting changes</h2><strong>1</strong>')
    }
    await postgres.start()
    await queueIs(0)
    expect((await other.send('PUT', '/products/9', draft)).status).toBe(202)
    parent.kill('SIGTERM')
    const { code, stdout } = await ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/^shop-[12]: Changes that waited: 1 written, 0 left/m)
  })
})

describe('instances over one SQLite file', () => {
  test('are one shop too', async () => {
    const { instances, parent, ended } = await startInstances(2)
    await changesAreSeenOnAll(instances)
    await pricesAreSeenOnAll(instances)
    await revisionsAreOwn(instances)
    const { sharedTier } = await status(instances[1] as Instance)
    expect(sharedTier).toMatchObject({ kind: 'sqlite', name: expect.stringMatching(/cache\.db$/) })
    parent.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })
})
