/** What requests to stock prices, documents and feeds may not be, and what they hear of it. */

import { describe, expect, test } from 'vitest'
import { openShop } from './open-shop.ts'

const WRONG_ADDRESSES = [
  ['/stocks/acme', 'symbol'],
  ['/stocks/1ACME', 'symbol'],
  ['/stocks/TOOLONGASYMBOL', 'symbol'],
  ['/documents/0', 'id'],
  ['/documents/1e3/versions', 'id'],
  ['/documents/x/active-users', 'id'],
  ['/activities/-1', 'id'],
  ['/feed/0', 'userId'],
  ['/feed/1?page=0', 'page'],
  ['/feed/1?pageSize=0', 'pageSize'],
  ['/feed/1?pageSize=51', 'pageSize'],
  ['/feed/1?pageSize=2e1', 'pageSize'],
  ['/feed/1?sort=likes', 'sort'],
] as const

const WRONG_BODIES = [
  ['PUT', '/stocks/ACME', { priceCents: -1 }, 'priceCents'],
  ['PUT', '/stocks/ACME', {}, 'priceCents'],
  ['PUT', '/stocks/ACME', { priceCents: 1, company: 'Mine' }, 'company'],
  ['POST', '/stocks/batch', { prices: [] }, 'prices'],
  ['POST', '/stocks/batch', { prices: [{ symbol: 'ACME' }] }, 'prices.0.priceCents'],
  ['POST', '/stocks/batch', { prices: [{ symbol: 'acme', priceCents: 1 }] }, 'prices.0.symbol'],
  ['POST', '/stocks/batch', { prices: prices(101) }, 'prices'],
  ['PUT', '/documents/1', { title: 'No text' }, 'text'],
  ['PUT', '/documents/1', { title: ' ', text: '' }, 'title'],
  ['PUT', '/documents/1', { title: 'Zero', text: 'a\0b' }, 'text'],
  ['PUT', '/documents/1', { title: 'Mine', text: '', version: 9 }, 'version'],
  ['POST', '/documents/1/join', { userId: '7' }, 'userId'],
  ['POST', '/activities', { userId: 1, text: '' }, 'text'],
  ['POST', '/activities', { userId: 1, text: 'a'.repeat(501) }, 'text'],
  ['POST', '/activities', { userId: 1, text: 'Mine', likes: 9 }, 'likes'],
] as const

/** Each with what is said of it. */
const MISSING = [
  ['GET', '/stocks/NONE', undefined, 'symbol', 'There is no stock NONE.'],
  ['PUT', '/stocks/NONE', { priceCents: 1 }, 'symbol', 'There is no stock NONE.'],
  ['GET', '/documents/4711', undefined, 'id', 'There is no document 4711.'],
  ['GET', '/documents/4711/versions', undefined, 'id', 'There is no document 4711.'],
  ['GET', '/documents/4711/active-users', undefined, 'id', 'There is no document 4711.'],
  ['PUT', '/documents/4711', { title: 'New', text: '' }, 'id', 'There is no document 4711.'],
  ['POST', '/documents/4711/join', { userId: 7 }, 'id', 'There is no document 4711.'],
  ['POST', '/documents/1/join', { userId: 4711 }, 'userId', 'There is no user 4711.'],
  ['GET', '/feed/4711', undefined, 'userId', 'There is no user 4711.'],
  ['GET', '/activities/4711', undefined, 'id', 'There is no activity 4711.'],
  ['POST', '/activities/4711/like', undefined, 'id', 'There is no activity 4711.'],
  ['POST', '/activities', { userId: 4711, text: 'Hello.' }, 'userId', 'There is no user 4711.'],
] as const

describe('a request to stock prices, documents or feeds', () => {
  test('that is wrong is refused, and the field is named', async () => {
    const shop = await openShop()
    for (const [url, field] of WRONG_ADDRESSES) {
      const answer = await shop.get(url)
      expect(answer.status, url).toBe(400)
      expect(answer.json(), url).toMatchObject({ error: { field } })
    }
    for (const [method, url, body, field] of WRONG_BODIES) {
      const answer = await shop.send(method, url, body)
      expect(answer.status, `${url} ${field}`).toBe(400)
      expect(answer.json(), url).toMatchObject({ error: { field } })
    }
    // None of them has left a trace.
    const stock = (await shop.get('/stocks/ACME')).json() as { data: object }
    expect(stock.data).toMatchObject({ updatedAt: Date.UTC(2026, 0, 1) })
    const feed = (await shop.get('/feed/1')).json() as { data: { items: readonly object[] } }
    expect(feed.data.items[0]).not.toMatchObject({ text: 'Mine' })
  })

  test('for what is not there answers 404 and makes nothing', async () => {
    const shop = await openShop()
    for (const [method, url, body, field, message] of MISSING) {
      const answer = method === 'GET' ? await shop.get(url) : await shop.send(method, url, body)
      expect(answer.status, `${method} ${url}`).toBe(404)
      expect(answer.json(), `${method} ${url}`).toEqual({ error: { field, message } })
    }
    for (const [method, url] of MISSING) {
      if (method === 'GET') expect((await shop.get(url)).status, url).toBe(404)
    }
  })

  test('for what is not there is answered from the cache the second time, but not for users', async () => {
    const shop = await openShop()
    for (const url of ['/stocks/NONE', '/documents/4711/versions', '/activities/4711']) {
      expect(await shop.get(url), url).toMatchObject({ status: 404, tier: 'source' })
      expect(await shop.get(url), url).toMatchObject({ status: 404, tier: 'memory' })
    }
    // Somebody who registers now has a feed at once.
    expect(await shop.get('/feed/4711')).toMatchObject({ status: 404, tier: 'source' })
    expect(await shop.get('/feed/4711')).toMatchObject({ status: 404, tier: 'source' })
  })
})

function prices(count: number): readonly object[] {
  return Array.from({ length: count }, () => ({ symbol: 'ACME', priceCents: 1 }))
}
