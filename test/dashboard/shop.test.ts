/** The reference service: what `npm start` prints opens the dashboard, and all its instances are there. */

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startInstances } from '../../examples/shop/test/start-instances.ts'
import { startRedis } from '../servers/start-redis.ts'
import { openBrowser } from './open-browser.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(() => browser.close())

test('three instances of the shop on Redis are seen, with their figures, on one dashboard', async () => {
  await using redis = await startRedis()
  const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` }
  const { instances, dashboard } = await startInstances(3, env)
  for (const [index, instance] of instances.entries()) {
    for (let read = 0; read <= 10 * index; read += 1) await instance.get('/products/7')
  }
  const page = await browser.newPage()
  await page.goto(dashboard)
  await page.getByText('Live').waitFor()
  await page.getByRole('link', { name: 'Instances' }).click()
  const table = page.getByRole('table', { name: 'instances' })
  for (const [index, { name }] of instances.entries()) {
    const cells = table.getByRole('row', { name: new RegExp(`^${name}\\b`) }).getByRole('cell')
    const reads = async () => Number((await cells.nth(3).textContent())?.replaceAll(',', ''))
    await expect.poll(reads, { timeout: 20_000 }).toBeGreaterThan(10 * index)
  }
  expect(await table.getByRole('row').count()).toBe(4)
  await page.close()
})
