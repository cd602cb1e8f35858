/** What requests to inventory, users, sessions and orders may not be, and what they hear of it. */

import { describe, expect, test } from 'vitest'
import { openShop } from './open-shop.ts'

const SOMEBODY = { name: 'Zoe', countryCode: 'TR' }
const NO_SESSION = `/sessions/${'a'.repeat(32)}`

const WRONG_ADDRESSES = [
  ['/inventory/0', 'productId'],
  ['/users/1e3/welcome', 'id'],
  ['/users/0/latest-order', 'id'],
  ['/sessions/short', 'id'],
  ['/orders/-1', 'id'],
] as const

const WRONG_BODIES = [
  ['POST', '/inventory/1/reserve', {}, 'quantity'],
  ['POST', '/inventory/1/reserve', { quantity: 0 }, 'quantity'],
  ['POST', '/inventory/1/reserve', { quantity: 1.5 }, 'quantity'],
  ['POST', '/inventory/1/reserve', { quantity: 1_001 }, 'quantity'],
  ['POST', '/inventory/1/restore', { quantity: -1 }, 'quantity'],
  ['POST', '/inventory/1/restore', { quantity: 1, request: 'a b' }, 'request'],
  ['POST', '/inventory/1/restore', { quantity: 1, stock: 9 }, 'stock'],
  ['POST', '/users', { name: 'Zoe' }, 'countryCode'],
  ['POST', '/users', { name: 'Zoe', countryCode: 'tr' }, 'countryCode'],
  ['POST', '/users', { name: 'Zoe', countryCode: 'XX' }, 'countryCode'],
  ['POST', '/users', { name: ' ', countryCode: 'TR' }, 'name'],
  ['POST', '/users', { ...SOMEBODY, id: 1 }, 'id'],
  ['PUT', '/users/1', { name: 'Zoe\n', countryCode: 'TR' }, 'name'],
  ['PUT', '/users/1', { name: 'Zoe', countryCode: 'XX' }, 'countryCode'],
  ['POST', '/sessions', { userId: '7' }, 'userId'],
  ['POST', '/orders', { userId: 1, items: [] }, 'items'],
  ['POST', '/orders', { userId: 1, items: [{ productId: 1 }] }, 'items.0.quantity'],
  ['POST', '/orders', { userId: 1, items: items(21) }, 'items'],
  ['POST', '/orders', { userId: 1, items: items(1), totalCents: 1 }, 'totalCents'],
] as const

/** Each with what is said of it. */
const MISSING = [
  ['GET', '/inventory/4711', undefined, 'productId', 'There is no product 4711.'],
  ['POST', '/inventory/4711/reserve', { quantity: 1 }, 'productId', 'There is no product 4711.'],
  ['POST', '/inventory/4711/restore', { quantity: 1 }, 'productId', 'There is no product 4711.'],
  ['GET', '/users/4711/welcome', undefined, 'id', 'There is no user 4711.'],
  ['GET', '/users/4711/latest-order', undefined, 'id', 'User 4711 has no order.'],
  ['PUT', '/users/4711', SOMEBODY, 'id', 'There is no user 4711.'],
  ['DELETE', '/users/4711', undefined, 'id', 'There is no user 4711.'],
  ['POST', '/sessions', { userId: 4711 }, 'userId', 'There is no user 4711.'],
  ['GET', NO_SESSION, undefined, 'id', 'There is no such session.'],
  ['GET', '/orders/4711', undefined, 'id', 'There is no order 4711.'],
  ['POST', '/orders', { userId: 4711, items: items(1) }, 'userId', 'There is no user 4711.'],
  [
    'POST',
    '/orders',
    { userId: 1, items: [...items(1), { productId: 4711, quantity: 1 }] },
    'items.1.productId',
    'There is no product 4711.',
  ],
] as const

function items(count: number): readonly object[] {
  return Array.from({ length: count }, (_, n) => ({ productId: n + 1, quantity: 1 }))
}

describe('a request to inventory, users, sessions or orders', () => {
  test('that is wrong is refused, the field is named, and nothing is there that was not', async () => {
    const shop = await openShop()
    const total = async () =>
      ((await shop.get('/users')).json() as { data: { total: number } }).data.total
    const before = await total()
    for (const [url, field] of WRONG_ADDRESSES) {
      const answer = await shop.get(url)
      expect([url, answer.status, answer.json()]).toMatchObject([url, 400, { error: { field } }])
    }
    for (const [method, url, body, field] of WRONG_BODIES) {
      const answer = await shop.send(method, url, body)
      expect([url, body, answer.status, answer.json()]).toMatchObject([
        url,
        body,
        400,
        { error: { field } },
      ])
    }
    for (const [method, url, body, field, message] of MISSING) {
      const answer = method === 'GET' ? await shop.get(url) : await shop.send(method, url, body)
      expect([url, answer.status, answer.json()]).toEqual([url, 404, { error: { field, message } }])
    }
    expect(await total()).toBe(before)
    expect((await shop.get('/orders/1')).status).toBe(404)
  })
})
