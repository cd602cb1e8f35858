import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openSqlite } from 'tiercel/sqlite'
import { describe, expect, test } from 'vitest'
import { openSource } from '../src/database/open-source.ts'
import { fingerprint } from '../src/products/fingerprint.ts'
import type { Product } from '../src/products/product.ts'
import { newFolder } from './new-folder.ts'
import { openShop } from './open-shop.ts'
import { startShop } from './start-shop.ts'

/** Tables that came to the shop after its products, in an order in which they can be dropped. */
const LATER = [
  'orderLines',
  'orders',
  'inventoryChanges',
  'feed_items',
  'activities',
  'follows',
  'document_visits',
  'document_versions',
  'documents',
  'stocks',
  'users',
  'countries',
]

/** What stands in a `source.db`: rows by table, and a digest of all products. */
async function contents(dataDir: string) {
  await using source = openSqlite(join(dataDir, 'source.db'))
  const counted = await source.all<{ name: string; rows: number }>(
    `SELECT 'products' AS name, count(*) AS rows FROM products
    UNION ALL SELECT 'reviews', count(*) FROM reviews
    UNION ALL SELECT 'inventory', count(*) FROM inventory
    UNION ALL SELECT 'users', count(*) FROM users
    UNION ALL SELECT 'stocks', count(*) FROM stocks`,
  )
  const products = await source.all<Product>('SELECT * FROM products ORDER BY id')
  const rows = Object.fromEntries(counted.map(({ name, rows }) => [name, rows]))
  return { rows, products }
}

const onSqlite = { databaseUrl: undefined }

describe('a new shop', () => {
  test('has the same products everywhere, each with its fingerprint', async () => {
    const [one, other] = [await newFolder(), await newFolder()]
    for (const folder of [one, other])
      await (await openSource({ ...onSqlite, dataDir: folder, products: 500 })).close()
    const { rows, products } = await contents(one)

    expect(rows).toEqual({
      products: 500,
      reviews: 5_000,
      inventory: 500,
      users: 1_000,
      stocks: 24,
    })
    expect((await contents(other)).products).toEqual(products)
    for (const product of products) expect(product.fingerprint).toBe(fingerprint(product))
  })

  test('has ten thousand products and a hundred thousand reviews, and keeps them', async () => {
    const folder = await newFolder()
    await (await openSource({ ...onSqlite, dataDir: folder, products: 10_000 })).close()
    await (await openSource({ ...onSqlite, dataDir: folder, products: 20 })).close()
    expect((await contents(folder)).rows).toEqual({
      products: 10_000,
      reviews: 100_000,
      inventory: 10_000,
      users: 1_000,
      stocks: 24,
    })
  })

  test('of before there were users, orders and all the rest gets them, and keeps its products', async () => {
    const folder = await newFolder()
    const options = { ...onSqlite, dataDir: folder, products: 20 }
    await (await openSource(options)).close()
    const { products } = await contents(folder)
    {
      await using source = openSqlite(join(folder, 'source.db'))
      await source.run("DELETE FROM counters WHERE name <> 'product'")
      for (const table of LATER) await source.run(`DROP TABLE "${table}"`)
      await source.run('ALTER TABLE inventory DROP COLUMN reserved')
    }
    await (await openSource(options)).close()
    const after = await contents(folder)
    expect(after.rows).toMatchObject({ products: 20, users: 1_000, stocks: 24 })
    const shop = await openShop({ dataDir: folder })
    const draft = { userId: 1, items: [{ productId: 1, quantity: 1 }] }
    expect((await shop.send('POST', '/orders', draft)).status).toBe(201)
    expect((await shop.send('POST', '/inventory/1/reserve', { quantity: 1 })).status).toBe(200)
    expect(after.products).toEqual(products)
  })

  test('that is killed while it is filled is filled again by the next start', async () => {
    const folder = await newFolder()
    const env = { DATA_DIR: folder, SEED_PRODUCTS: '10000' }
    const first = startShop({ env })
    await expect
      .poll(() => existsSync(join(folder, 'source.db-wal')), { timeout: 20_000 })
      .toBe(true)
    first.child.kill('SIGKILL')
    expect((await first.ended).stdout).toBe('')

    const second = startShop({ env })
    const answer = await fetch(`${await second.address}/products/10000`)
    expect(answer.status).toBe(200)
    second.child.kill('SIGTERM')
    await second.ended
    expect((await contents(folder)).rows).toEqual({
      products: 10_000,
      reviews: 100_000,
      inventory: 10_000,
      users: 1_000,
      stocks: 24,
    })
  })
})
