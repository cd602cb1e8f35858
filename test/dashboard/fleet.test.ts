/** Several instances on a real Redis, on one dashboard; and what it says when Redis goes away. */

import { Redis } from 'ioredis'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redisTier } from '../../src/redis/index.ts'
import { startRedis } from '../servers/start-redis.ts'
import { openBrowser } from './open-browser.ts'
import { openPage } from './open-page.ts'
import { openScene, type Scene } from './open-scene.ts'
import { keepReading, readOnce } from './traffic.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(() => browser.close())

interface OnRedis extends AsyncDisposable {
  readonly scene: Scene
}

async function openOnRedis(port: number, instance: string): Promise<OnRedis> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true })
  client.on('error', () => {})
  const scene = await openScene({ instance, shared: redisTier(client) })
  await scene.cache.ready()
  return {
    scene,
    async [Symbol.asyncDispose]() {
      await scene[Symbol.asyncDispose]()
      client.disconnect()
    },
  }
}

test('three instances with their figures, and a fourth that comes', async () => {
  await using redis = await startRedis()
  await using first = await openOnRedis(redis.port, 'shop-1')
  await using second = await openOnRedis(redis.port, 'shop-2')
  await using third = await openOnRedis(redis.port, 'shop-3')
  for (const [index, { scene }] of [first, second, third].entries()) {
    for (let round = 0; round <= index; round += 1) await readOnce(scene, round)
  }
  await using opened = await openPage(browser, second.scene)
  const { page, view } = opened
  await view('instances')
  const table = page.getByRole('table', { name: 'instances' })
  const readsOf = async (name: string) => {
    const cells = table.getByRole('row', { name: new RegExp(`^${name}`) }).getByRole('cell')
    return Number((await cells.nth(3).textContent())?.replace(',', ''))
  }
  await expect.poll(() => table.getByRole('row').count(), { timeout: 15_000 }).toBe(4)
  for (const [index, { scene }] of [first, second, third].entries()) {
    const { total } = await scene.cache.stats()
    const own = total.hits + total.misses
    expect(own).toBe(42 * (index + 1))
    await expect.poll(() => readsOf(`shop-${index + 1}`), { timeout: 15_000 }).toBe(own)
  }
  await table.getByRole('row', { name: /shop-2.*serves this page/ }).waitFor()

  await using _ = await openOnRedis(redis.port, 'shop-4')
  await table.getByRole('row', { name: /^shop-4/ }).waitFor()
  expect(opened.breaches).toEqual([])
})

test('Redis away under load: degraded with the reason within 3 s, and well again after it', async () => {
  await using redis = await startRedis()
  await using only = await openOnRedis(redis.port, 'shop-1')
  const { scene } = only
  using _ = keepReading(scene)
  await using opened = await openPage(browser, scene)
  const { page } = opened
  const health = page.getByRole('region', { name: 'Health' })
  await health.getByText('healthy').waitFor()

  await redis.kill9()
  await health.getByText('degraded').first().waitFor({ timeout: 3_000 })
  await health
    .getByRole('listitem')
    .filter({ hasText: /shared tier/i })
    .first()
    .waitFor()

  await redis.start()
  await health.getByText('healthy').waitFor({ timeout: 10_000 })
  expect(opened.breaches).toEqual([])
})
