/** How long stock, users, sessions and orders live. */

import { createCache } from 'tiercel'
import { memoryTier } from 'tiercel/memory'
import { cron } from 'tiercel/warming'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { openSource } from '../src/database/open-source.ts'
import { openOrders } from '../src/orders/orders.ts'
import { openCatalogue } from '../src/products/catalogue.ts'
import { openCustomers } from '../src/users/customers.ts'
import type { Session } from '../src/users/people.ts'
import { Sessions } from '../src/users/sessions.ts'
import { newFolder } from './new-folder.ts'
import { openShop } from './open-shop.ts'
import { openStagedShops } from './staged-shops.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

describe('what is kept of stock, users and orders', () => {
  test('lives as long as it says, and is judged by how it is used', async () => {
    const dataDir = await newFolder()
    const source = await openSource({ dataDir, databaseUrl: undefined, products: 1 })
    const cache = createCache({ name: 'shop', shared: memoryTier(), warming: 'off' })
    onTestFinished(async () => {
      await cache.close()
      await source.close()
    })
    const hourly = cron('0 * * * *')
    const { inventory } = openCatalogue({ cache, source, hourly, serving: Promise.resolve() })
    const { users, welcomes, countries } = openCustomers(cache, source, hourly)
    const { orders, latestOrders } = openOrders(cache, source)
    new Sessions({ cache, source, users })
    const lives = [inventory, users, welcomes, countries, orders, latestOrders].map((one) => {
      const { name, ttlMs, memoryTtlMs, workload } = one.describe()
      return [name, ttlMs, memoryTtlMs, workload]
    })
    expect(lives).toEqual([
      ['inventory', 3 * MINUTE_MS, 3 * MINUTE_MS, 'write-heavy'],
      ['user', HOUR_MS, HOUR_MS, 'read-heavy'],
      ['welcome', 5 * MINUTE_MS, 5 * MINUTE_MS, 'read-heavy'],
      ['country', 24 * HOUR_MS, 24 * HOUR_MS, 'read-heavy'],
      ['order', 5 * MINUTE_MS, 5 * MINUTE_MS, 'read-heavy'],
      ['latest-order', 5 * MINUTE_MS, 5 * MINUTE_MS, 'read-heavy'],
    ])
    expect(cache.collections.get('session')?.describe()).toMatchObject({ ttlMs: 20 * MINUTE_MS })
  })
})

describe('a session', () => {
  test('stays open while it is asked for on any instance, and ends 20 minutes after', async () => {
    const { clock, ask } = await openStagedShops(2)
    const begun = await ask('POST', '/sessions', { payload: { userId: 7 } })
    expect(begun.statusCode).toBe(201)
    const { data } = begun.json() as { data: Session }
    const url = `/sessions/${data.id}`
    for (let time = 0; time < 6; time += 1) {
      await clock.leap(15 * MINUTE_MS)
      const answer = await ask('GET', url)
      expect([answer.statusCode, answer.json()]).toEqual([200, { cached: true, data }])
    }
    await clock.leap(20 * MINUTE_MS)
    expect((await ask('GET', url)).statusCode).toBe(404)
  })

  test('is neither begun nor called ended while the shared tier does not answer', async () => {
    await using redis = await startRedis()
    const shop = await openShop({ redisUrl: redis.url })
    const unknown = `/sessions/${'a'.repeat(32)}`
    expect((await shop.get(unknown)).status).toBe(404)
    redis.pause()
    try {
      expect((await shop.get(unknown)).status).toBe(503)
      expect((await shop.send('POST', '/sessions', { userId: 7 })).status).toBe(503)
    } finally {
      redis.resume()
    }
  })
})
