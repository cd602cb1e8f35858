import { describe, expect, test } from 'vitest'
import type { StatusReport } from '../src/status/status-report.ts'
import { openShop } from './open-shop.ts'
import { productDraft } from './product-draft.ts'

describe('the status', () => {
  test('counts reads by the tier that answered', async () => {
    const shop = await openShop()
    for (let n = 0; n < 4; n += 1) await shop.get('/products/7')
    await shop.send('PUT', '/products/7', productDraft())
    const status = async () => (await shop.get('/status')).json() as StatusReport
    // The cache tells its reads once a second.
    await expect.poll(async () => (await status()).reads.total, { timeout: 5_000 }).toBe(5)

    const report = await status()
    // Three of memory, one of the source; the change has looked into the shared tier.
    expect(report.reads).toMatchObject({ memory: 3, shared: 1, source: 1, hitRate: 0.8 })
    expect(report.loads).toMatchObject({ total: 1, failed: 0 })
    expect(report.writes).toBe(1)
    expect(report.patterns).toMatchObject([{ pattern: 'product:*', memoryHits: 3, loads: 1 }])
  })

  test('knows what the tiers and the files hold', async () => {
    const shop = await openShop()
    await shop.get('/products/7/details')
    const report = (await shop.get('/status')).json() as StatusReport

    expect(report.memory.entries).toBe(5)
    expect(report.memory.bytes).toBeGreaterThan(0)
    expect(report.shared).toMatchObject({ entries: 5, maxBytes: 268_435_456 })
    expect(report.files.map(({ name }) => name)).toEqual(['cache.db', 'source.db'])
    for (const { bytes } of report.files) expect(bytes).toBeGreaterThan(0)
    expect(report.residentBytes).toBeGreaterThan(1_000_000)
    expect(report.tierFailures).toBe(0)
  })

  test('says who tells it, and what is shared with others', async () => {
    const shop = await openShop()
    await expect
      .poll(async () => (await shop.get('/status')).json() as StatusReport, { timeout: 5_000 })
      .toMatchObject({
        instance: 'shop',
        sharedTier: { kind: 'sqlite', name: expect.stringMatching(/cache\.db$/) },
        following: { state: 'followed', gaps: 0, breaker: 'closed', reason: '' },
      })
    const page = await shop.get('/')
    expect(page.body).toContain('This is instance <b>shop</b>')
    expect(page.body).toContain('Shared tier: sqlite')
    expect(page.body).toContain('Followed: changes of other instances reach this one.')
  })

  test('is a page without scripts and without anything from elsewhere', async () => {
    const shop = await openShop()
    const empty = await shop.get('/')
    expect(empty.body).toContain('Nothing was read yet')
    expect(empty.body).toContain('No forecast yet.')
    await shop.get('/products/7')
    const page = await shop.get('/')

    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self'/)
    expect(page.body).toContain('product:*')
    expect(page.body).not.toMatch(/<script|style="|https?:\/\//)
    const style = await shop.get('/status.css')
    expect(style.headers['content-type']).toBe('text/css; charset=utf-8')
  })
})

describe('health', () => {
  test('says that the shop lives and is ready, and nothing else', async () => {
    const shop = await openShop()
    expect((await shop.get('/health/live')).json()).toEqual({ status: 'ok' })
    expect((await shop.get('/health/ready')).json()).toEqual({ status: 'ok' })
  })
})
