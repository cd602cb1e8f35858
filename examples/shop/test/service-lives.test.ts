/** How long stock prices, documents and feeds live, and what they make room for. */

import { createCache } from 'tiercel'
import { cron } from 'tiercel/warming'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSource } from '../src/database/open-source.ts'
import { openDocuments } from '../src/documents/documents.ts'
import { ActivityWrites } from '../src/feed/activity-writes.ts'
import { openFeeds } from '../src/feed/feed.ts'
import { openStockPrices } from '../src/stocks/stock-prices.ts'
import { openCustomers } from '../src/users/customers.ts'
import { newFolder } from './new-folder.ts'

/** Their collections in a small cache of one process. */
async function setup() {
  const dataDir = await newFolder()
  const source = await openSource({ dataDir, databaseUrl: undefined, products: 1 })
  const cache = createCache({ name: 'shop', memory: { entries: 20 } })
  onTestFinished(async () => {
    await cache.close()
    await source.close()
  })
  const stocks = openStockPrices(cache, source)
  const documents = openDocuments(cache, source)
  const feeds = openFeeds(cache, source)
  return { source, cache, stocks, ...documents, ...feeds }
}

const MINUTE_MS = 60_000

describe('a new activity', () => {
  test('is told to more followers than one call of the cache takes', async () => {
    const { source, cache, feeds, activities } = await setup()
    // Followers who are no users any more come first, so that user 1000 is beyond the first thousand.
    await source.all(
      `WITH RECURSIVE ids (id) AS (SELECT -200 UNION ALL SELECT id + 1 FROM ids WHERE id < 1000)
      INSERT INTO follows SELECT 900, id FROM ids WHERE true ON CONFLICT DO NOTHING`,
    )
    const customers = openCustomers(cache, source, cron('0 * * * *'))
    const writes = new ActivityWrites({ cache, feeds: { feeds, activities }, customers, source })
    const keys = ['900:1:20', '1:1:20', '1000:1:20']
    await feeds.getMany(keys)
    const { id } = await writes.create({ userId: 900, text: 'Hello to all of you.' })
    for (const key of keys) expect((await feeds.get(key))?.items[0]?.id).toBe(id)
  })
})

describe('what the services keep', () => {
  test('lives as long as it says, and is judged by how it is used', async () => {
    const { cache } = await setup()
    const lives = [...cache.collections.values()].map((collection) => {
      const { name, ttlMs, memoryTtlMs, workload } = collection.describe()
      return [name, ttlMs, memoryTtlMs, workload]
    })
    expect(lives).toEqual([
      ['stock', 2 * MINUTE_MS, 2 * MINUTE_MS, 'write-heavy'],
      ['document', 5 * MINUTE_MS, 5 * MINUTE_MS, 'write-heavy'],
      ['document-versions', 5 * MINUTE_MS, 5 * MINUTE_MS, 'write-heavy'],
      ['active-users', MINUTE_MS / 2, MINUTE_MS / 2, 'write-heavy'],
      ['feed', MINUTE_MS, MINUTE_MS, 'write-heavy'],
      ['activity', MINUTE_MS, MINUTE_MS, 'write-heavy'],
    ])
  })

  test('makes room for everything else, where it is a price or a feed', async () => {
    const { source, cache, stocks, feeds } = await setup()
    const rows = await source.all<{ symbol: string }>('SELECT symbol FROM stocks LIMIT 10')
    await stocks.getMany(rows.map(({ symbol }) => symbol))
    for (let userId = 1; userId <= 10; userId += 1) await feeds.get(`${userId}:1:20`)
    expect((await cache.usage()).memory.entries).toBe(20)

    const others = Array.from({ length: 20 }, (_, n) => `other:${n}`)
    for (const key of others) await cache.set(key, key)
    expect((await cache.getMany(others)).size).toBe(20)
  })

  test('of a feed takes the room of as many entries as it has activities', async () => {
    const { cache, feeds } = await setup()
    const feed = await feeds.get('1:1:5')
    expect(feed?.items).toHaveLength(5)
    expect((await cache.usage()).memory.weight).toBe(5)
    await feeds.get('1:9000:5')
    expect((await cache.usage()).memory).toMatchObject({ entries: 2, weight: 5 })
  })

  test('of active users leaves out who joined long ago', async () => {
    const { source, activeUsers } = await setup()
    const joinedAt = Date.now()
    for (const [userId, ago] of [
      [7, 4 * MINUTE_MS],
      [8, 6 * MINUTE_MS],
    ] as const) {
      await source.all('INSERT INTO document_visits VALUES (1, $1, $2)', [userId, joinedAt - ago])
    }
    expect((await activeUsers.get(1))?.items.map(({ userId }) => userId)).toEqual([7])
  })
})
