import { describe, expect, test } from 'vitest'
import type { Countries, User, UserList } from '../src/users/people.ts'
import { EACH_SOURCE } from './each-source.ts'
import { openShop } from './open-shop.ts'

interface One<V> {
  readonly cached: boolean
  readonly data: V
}

describe.each(EACH_SOURCE)('users, with the source in %s,', (_, open) => {
  test('come from the source once and from memory afterwards', async () => {
    const { options, sql } = await open()
    const shop = await openShop(options)
    const first = await shop.get('/users/7')
    expect(first).toMatchObject({ status: 200, tier: 'source' })
    const { cached, data } = first.json() as One<User>
    expect(cached).toBe(false)
    expect(await sql('SELECT * FROM users WHERE id = 7')).toMatchObject([
      { id: expect.anything(), name: data.name, countryCode: data.countryCode },
    ])
    const second = await shop.get('/users/7')
    expect(second.tier).toBe('memory')
    expect(second.json()).toEqual({ cached: true, data })
  })

  test('are listed in pages, the last of which is followed by empty ones', async () => {
    const shop = await openShop((await open()).options)
    const page = async (number: number) =>
      (await shop.get(`/users?page=${number}`)).json() as One<UserList>
    const first = await page(1)
    expect(first).toMatchObject({ cached: false, data: { page: 1, pageSize: 20, total: 1_000 } })
    expect(first.data.items.map(({ id }) => id)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    )
    expect((await shop.get('/users')).json()).toEqual({ ...first, cached: true })
    expect((await page(50)).data.items.at(-1)?.id).toBe(1_000)
    expect((await page(51)).data.items).toEqual([])
  })

  test('live in the countries that the shop delivers to', async () => {
    const shop = await openShop((await open()).options)
    const first = await shop.get('/countries')
    expect(first).toMatchObject({ status: 200, tier: 'source' })
    const { cached, data } = first.json() as One<Countries>
    expect(cached).toBe(false)
    expect(data.length).toBeGreaterThan(40)
    expect(data).toContainEqual({ code: 'TR', name: 'Türkiye' })
    expect((await shop.get('/countries')).json()).toEqual({ cached: true, data })
    const { data: user } = (await shop.get('/users/1000')).json() as One<User>
    expect(data.map(({ code }) => code)).toContain(user.countryCode)
  })
})

describe('a user', () => {
  test('that is not there answers 404, the second time from the cache', async () => {
    const shop = await openShop()
    const first = await shop.get('/users/4711')
    expect(first).toMatchObject({ status: 404, tier: 'source' })
    expect(first.json()).toEqual({ error: { field: 'id', message: 'There is no user 4711.' } })
    expect(await shop.get('/users/4711')).toMatchObject({ status: 404, tier: 'memory' })
  })

  test.each([
    ['/users/1e3', 'id'],
    ['/users/0', 'id'],
    ['/users?page=0', 'page'],
    ['/users?category=toys', 'category'],
  ])('asked for by %s is refused, and the field is named', async (url, field) => {
    const shop = await openShop()
    const { status, json } = await shop.get(url)
    expect(status).toBe(400)
    expect(json()).toMatchObject({ error: { field } })
  })
})
