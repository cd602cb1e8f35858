/** The shop as it is without a cache, which is what the load compares it with. */

import { describe, expect, test } from 'vitest'
import { SourceCalls } from '../src/database/source-calls.ts'
import type { Product } from '../src/products/product.ts'
import type { StatusReport } from '../src/status/status-report.ts'
import { EACH_SOURCE } from './each-source.ts'
import { type OpenShop, openShop } from './open-shop.ts'
import { productDraft } from './product-draft.ts'

async function calls(shop: OpenShop): Promise<StatusReport['sourceCalls']> {
  return ((await shop.get('/status')).json() as StatusReport).sourceCalls
}

describe.each(EACH_SOURCE)('a shop without a cache, with the source in %s,', (_, open) => {
  test('asks the source for each read, once, also for those of the same moment', async () => {
    const shop = await openShop({ ...(await open()).options, caching: 'off' })
    await shop.get('/products/3') // The first read of a table looks at its columns.
    const before = await calls(shop)
    const answers = await Promise.all([1, 2, 1, 1].map((id) => shop.get(`/products/${id}`)))
    answers.push(await shop.get('/products/1'))
    const after = await calls(shop)
    expect(after.reads - before.reads).toBe(5)
    expect(answers.map(({ tier }) => tier)).toEqual(Array(5).fill('source'))
    expect(answers[0]?.json()).toMatchObject({ cached: false, data: { id: 1 } })
    expect((await shop.get('/products/999')).status).toBe(404)
    expect((await shop.get('/products/1/details')).status).toBe(200)
    for (const path of ['/products?page=2', '/users/7', '/countries', '/feed/7', '/documents/1']) {
      expect(await shop.get(path)).toMatchObject({ status: 200, tier: 'source' })
    }
    // What the cache alone would keep is not kept at all.
    expect((await shop.send('POST', '/sessions', { userId: 7 })).status).toBe(503)
  })

  test('writes at once, one change of a product after the other, and reads what it has written', async () => {
    const shop = await openShop({ ...(await open()).options, caching: 'off' })
    await shop.get('/products/3')
    const before = await calls(shop)
    const { status, body } = await shop.send('PUT', '/products/1', productDraft())
    expect([status, body]).toEqual([204, ''])
    const after = await calls(shop)
    expect(after.reads - before.reads).toBe(1)
    const { data } = (await shop.get('/products/1')).json() as { data: Product }
    expect(data).toMatchObject({ ...productDraft(), revision: 2 })
    const created = await shop.send('POST', '/products', productDraft())
    expect(created.status).toBe(201)
    const { id } = (created.json() as { data: Product }).data
    expect((await shop.send('DELETE', `/products/${id}`)).status).toBe(204)
    expect((await shop.get(`/products/${id}`)).status).toBe(404)
    // Each of many at once has a revision of its own.
    await Promise.all(
      Array.from({ length: 20 }, () => shop.send('PUT', '/products/2', productDraft())),
    )
    expect((await shop.get('/products/2')).json()).toMatchObject({ data: { revision: 21 } })
  })
})

test('shows its page, where nothing is shared and nothing waits', async () => {
  const shop = await openShop({ caching: 'off' })
  expect((await shop.get('/')).status).toBe(200)
  expect((await shop.get('/dead-letters')).status).toBe(404)
  const report = (await shop.get('/status')).json() as StatusReport
  expect(report.sharedTier).toEqual({ kind: 'none', name: 'nothing' })
})

test('a source at a distance answers ten calls at a time, each of them late', async () => {
  const calls = new SourceCalls(50)
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: 25 }, () =>
      calls.make(['SELECT 1', 'UPDATE a SET b = 1'], async () => {}),
    ),
  )
  // Three turns.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(145)
  expect(calls.counted).toEqual({ reads: 25, writes: 25 })
})
