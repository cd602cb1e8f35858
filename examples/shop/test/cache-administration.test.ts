import { describe, expect, test } from 'vitest'
import { openShop } from './open-shop.ts'

const TOKEN = 'token-of-the-shop-in-tests'
const bearer = { authorization: `Bearer ${TOKEN}` }

interface CacheStats {
  readonly available: boolean
  readonly cachedUsers: number
  readonly keys: number
  readonly memoryUsedBytes: number
  readonly memoryThresholdBytes: number | null
  readonly cleanUp: { readonly running: boolean; readonly executing: boolean }
}

describe("the administration of the users' cache", () => {
  test('tells what is cached, shows one user, and removes it', async () => {
    const shop = await openShop({ adminToken: TOKEN })
    const stats = async (): Promise<CacheStats> =>
      (await shop.get('/admin/cache/stats', bearer)).json()
    expect(await stats()).toMatchObject({ available: true, cachedUsers: 0 })
    const seven = await shop.get('/admin/cache/user/7', bearer)
    expect([seven.status, seven.json()]).toEqual([200, { cached: false }])

    for (const id of [6, 7, 8]) await shop.get(`/users/${id}`)
    expect(await stats()).toEqual({
      available: true,
      cachedUsers: 3,
      keys: expect.any(Number),
      memoryUsedBytes: expect.any(Number),
      memoryThresholdBytes: 256 * 1_024 * 1_024,
      cleanUp: {
        running: true,
        executing: false,
        intervalMs: 6 * 3_600_000,
        // At the start, when nobody was cached.
        last: expect.toSatisfy((last) => last === null || last.after === 0),
      },
    })
    expect((await stats()).keys).toBeGreaterThanOrEqual(3)
    expect((await shop.get('/admin/cache/user/7', bearer)).json()).toMatchObject({
      cached: true,
      ageMs: expect.any(Number),
      data: { id: 7, name: expect.any(String) },
    })

    const removed = await shop.send('DELETE', '/admin/cache/user/7', undefined, bearer)
    expect([removed.status, removed.body]).toEqual([204, ''])
    expect((await shop.get('/admin/cache/user/7', bearer)).json()).toEqual({ cached: false })
    expect(await stats()).toMatchObject({ cachedUsers: 2 })
    // The source keeps it.
    expect((await shop.get('/users/7')).json()).toMatchObject({ cached: false, data: { id: 7 } })
  })

  test('begins a clean-up and answers at once, and says so where one is under way', async () => {
    const shop = await openShop({ adminToken: TOKEN })
    const clean = () => shop.send('POST', '/admin/cache/cleanup', undefined, bearer)
    const answers = await Promise.all([clean(), clean()])
    expect(answers.map(({ status }) => status)).toEqual([202, 202])
    expect(answers.map((answer) => (answer.json() as { state: string }).state)).toEqual([
      'begun',
      'running',
    ])
    await expect
      .poll(
        async () => ((await shop.get('/admin/cache/stats', bearer)).json() as CacheStats).cleanUp,
      )
      .toMatchObject({ executing: false })
    expect((await clean()).json()).toEqual({ state: 'begun' })
  })

  test.each([
    ['no token', {}, 401],
    ['a wrong token', { authorization: 'Bearer token-of-another-shop' }, 401],
    ['a page of another site', { ...bearer, 'sec-fetch-site': 'cross-site' }, 403],
    ['a name that is made to point here', { ...bearer, host: 'evil.example' }, 421],
  ])('refuses %s', async (_, headers, status) => {
    const shop = await openShop({ adminToken: TOKEN })
    await shop.get('/users/7')
    const given = headers as Record<string, string>
    const answers = [
      await shop.get('/admin/cache/stats', given),
      await shop.get('/admin/cache/user/7', given),
      await shop.send('DELETE', '/admin/cache/user/7', undefined, given),
      await shop.send('POST', '/admin/cache/cleanup', undefined, given),
    ]
    expect(answers.map((answer) => answer.status)).toEqual(Array(4).fill(status))
    for (const answer of answers) expect(answer.json()).toHaveProperty('error.message')
    expect((await shop.get('/users/7')).json()).toMatchObject({ cached: true })
  })

  test('is not there where nobody has set a token', async () => {
    const shop = await openShop()
    expect((await shop.get('/admin/cache/stats', bearer)).status).toBe(404)
    expect((await shop.send('DELETE', '/admin/cache/user/7', undefined, bearer)).status).toBe(404)
  })
})

describe('the admin API of the shop', () => {
  test('stands beside its routes, and evicts by tag', async () => {
    const shop = await openShop({ adminToken: TOKEN })
    await shop.get('/products/7/details')
    const entry = '/tiercel/api/v1/entry?collection=inventory&key=7'
    const before = (await shop.get(entry, bearer)).json() as { entry: { tags: string[] } }
    expect(before).toMatchObject({ found: true, keyType: 'number' })
    const body = { tags: before.entry.tags }
    const gone = await shop.send('POST', '/tiercel/api/v1/invalidate', body, bearer)
    expect(gone.json()).toMatchObject({ done: true, state: 'done' })
    expect((await shop.get(entry, bearer)).json()).toMatchObject({ found: false })
    expect((await shop.get('/tiercel/api/v1/stats')).status).toBe(401)
    expect((await shop.get('/tiercel/health/ready')).json()).toEqual({ status: 'ok' })
  })

  test('shows the dashboard, whose address the start prints', async () => {
    const shop = await openShop()
    const page = await shop.get('/tiercel/')
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path)
    expect(files.length).toBeGreaterThan(1)
    for (const path of files) expect((await shop.get(`/tiercel/${path}`)).status, path).toBe(200)
    expect((await shop.get('/tiercel')).headers).toMatchObject({ location: '/tiercel/' })
  })

  test('is open to the link of the start alone where no token is set', async () => {
    const shop = await openShop()
    const [, token = ''] = shop.dashboardLink('http://127.0.0.1:80').split('#token=')
    const login = await shop.send('POST', '/tiercel/api/v1/session', { token })
    expect(login.status).toBe(200)
    const [cookie = ''] = String(login.headers['set-cookie']).split(';')
    expect((await shop.get('/tiercel/api/v1/health', { cookie })).status).toBe(200)
    expect((await shop.send('POST', '/tiercel/api/v1/session', { token })).status).toBe(401)
    expect(
      (await shop.get('/tiercel/api/v1/health', { authorization: `Bearer ${token}` })).status,
    ).toBe(401)
  })
})
