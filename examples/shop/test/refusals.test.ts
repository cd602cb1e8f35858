import { describe, expect, test } from 'vitest'
import { type Answer, openShop } from './open-shop.ts'
import { productDraft } from './product-draft.ts'

/** Ids that name no product in any way. */
const WRONG_IDS = ['abc', '0', '-1', '1e3', '1.5', '007', '+1', '0x10', '%201', '9007199254740993']

/** What each wrong query has to be refused for. */
const WRONG_QUERIES = {
  'page=0': 'page',
  'page=-1': 'page',
  'page=two': 'page',
  'page=': 'page',
  'page=1e2': 'page',
  'page=99999999999999999999': 'page',
  'page=1&page=2': 'page',
  'category=weapons': 'category',
  'category=': 'category',
  'sort=price': 'sort',
}

/** Members that spoil an otherwise good product, each with its field. */
const WRONG_MEMBERS: readonly (readonly [object, string])[] = [
  [{ priceCents: -1 }, 'priceCents'],
  [{ priceCents: 0.5 }, 'priceCents'],
  [{ priceCents: 'NaN' }, 'priceCents'],
  [{ priceCents: '100' }, 'priceCents'],
  [{ priceCents: null }, 'priceCents'],
  [{ priceCents: 1e300 }, 'priceCents'],
  [{ category: 'weapons' }, 'category'],
  [{ name: '  ' }, 'name'],
  [{ name: 'a\nb' }, 'name'],
  [{ name: 'half a character: \ud800' }, 'name'],
  [{ name: 'a'.repeat(121) }, 'name'],
  [{ name: 7 }, 'name'],
  [{ description: 'a\0b' }, 'description'],
  [{ colour: 'red' }, 'colour'],
  [{ revision: 9 }, 'revision'],
]

const WRONG_BODIES = [
  '{"name": "a',
  '{"priceCents": NaN}',
  '',
  '[]',
  'null',
  '{"__proto__": {"x": 1}}',
]

function expectRefusal(answer: Answer, field: string, what: string): void {
  expect(answer.status, what).toBe(400)
  expect(answer.json(), what).toEqual({ error: { field, message: expect.any(String) } })
}

describe('a wrong address', () => {
  test('with an id that names no product is refused by every route that takes one', async () => {
    const shop = await openShop()
    for (const id of WRONG_IDS) {
      for (const path of ['', '/details', '/reviews']) {
        expectRefusal(await shop.get(`/products/${id}${path}`), 'id', id)
      }
      expectRefusal(await shop.get(`/inventory/${id}`), 'productId', id)
      expectRefusal(await shop.send('PUT', `/products/${id}`, productDraft()), 'id', id)
      expectRefusal(await shop.send('DELETE', `/products/${id}`), 'id', id)
    }
  })

  test('with a wrong query is refused and names the field', async () => {
    const shop = await openShop()
    for (const [query, field] of Object.entries(WRONG_QUERIES)) {
      expectRefusal(await shop.get(`/products?${query}`), field, query)
    }
  })

  test('that leads nowhere answers 404, and one that is no address 400', async () => {
    const shop = await openShop()
    const nowhere = await shop.get('/nothing')
    expect(nowhere.status).toBe(404)
    expect(nowhere.json()).toMatchObject({ error: { field: 'path' } })
    const broken = await shop.get('/products/%zz')
    expect(broken.status).toBe(400)
    expect(broken.json()).toMatchObject({ error: { field: 'path' } })
  })

  test('that is far too long is refused', async () => {
    const shop = await openShop()
    const { status } = await shop.get(`/products/${'9'.repeat(5_000)}`)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  })
})

describe('a wrong product', () => {
  test('with a wrong member is refused and names it, new or changed', async () => {
    const shop = await openShop()
    for (const [wrong, field] of WRONG_MEMBERS) {
      const [body, what] = [{ ...productDraft(), ...wrong }, JSON.stringify(wrong)]
      expectRefusal(await shop.send('POST', '/products', body), field, what)
      expectRefusal(await shop.send('PUT', '/products/7', body), field, what)
    }
    expect((await shop.get('/products/7')).json()).toMatchObject({ data: { revision: 1 } })
  })

  test('without a member names the first that is missing', async () => {
    const shop = await openShop()
    const { name: _, ...nameless } = productDraft()
    expect((await shop.send('POST', '/products', nameless)).json()).toEqual({
      error: { field: 'name', message: 'is missing' },
    })
  })

  test('that is no product at all is refused as a whole', async () => {
    const shop = await openShop()
    for (const body of WRONG_BODIES) {
      expectRefusal(await shop.send('POST', '/products', body), 'body', body)
      expectRefusal(await shop.send('PUT', '/products/7', body), 'body', body)
    }
  })

  test('that is too large answers 413', async () => {
    const shop = await openShop()
    const answer = await shop.send('POST', '/products', {
      ...productDraft(),
      description: 'a'.repeat(20_000),
    })
    expect(answer.status).toBe(413)
    expect(answer.json()).toMatchObject({ error: { field: 'body' } })
  })
})

test('every answer has Server-Timing with the name of the instance, also refusals', async () => {
  const shop = await openShop()
  const urls = ['/products/1', '/products/abc', '/nothing', '/products/%zz', '/', '/health/live']
  for (const url of urls) {
    const { headers } = await shop.get(url)
    expect(headers['server-timing'], url).toMatch(/;dur=[\d.]+, instance;desc="shop"$/)
  }
})
