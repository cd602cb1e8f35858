import { describe, expect, test } from 'vitest'
import { openShop } from './open-shop.ts'
import { productDraft } from './product-draft.ts'

/** Ids that name no product in any way. */
const WRONG_IDS = ['abc', '0', '-1', '1e3', '1.5', '007', '+1', '0x10', '%201', '9007199254740993']

describe('a wrong address', () => {
  test.each(WRONG_IDS)('with the id %s is refused by every route that takes one', async (id) => {
    const shop = await openShop()
    const answers = [
      await shop.get(`/products/${id}`),
      await shop.get(`/products/${id}/details`),
      await shop.get(`/products/${id}/reviews`),
      await shop.send('PUT', `/products/${id}`, productDraft()),
      await shop.send('DELETE', `/products/${id}`),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(400)
      expect(answer.json()).toEqual({ error: { field: 'id', message: expect.any(String) } })
    }
    expect((await shop.get(`/inventory/${id}`)).json()).toMatchObject({
      error: { field: 'productId' },
    })
  })

  test.each([
    ['page=0', 'page'],
    ['page=-1', 'page'],
    ['page=two', 'page'],
    ['page=', 'page'],
    ['page=1e2', 'page'],
    ['page=99999999999999999999', 'page'],
    ['page=1&page=2', 'page'],
    ['category=weapons', 'category'],
    ['category=', 'category'],
    ['sort=price', 'sort'],
  ])('with the query %s is refused and names the field', async (query, field) => {
    const shop = await openShop()
    const answer = await shop.get(`/products?${query}`)
    expect(answer.status).toBe(400)
    expect(answer.json()).toEqual({ error: { field, message: expect.any(String) } })
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
  test.each([
    ['a negative price', { priceCents: -1 }, 'priceCents'],
    ['half a cent', { priceCents: 0.5 }, 'priceCents'],
    ['a price in words', { priceCents: 'NaN' }, 'priceCents'],
    ['a price as text', { priceCents: '100' }, 'priceCents'],
    ['no price', { priceCents: null }, 'priceCents'],
    ['a price beyond all bounds', { priceCents: 1e300 }, 'priceCents'],
    ['an unknown category', { category: 'weapons' }, 'category'],
    ['a name of spaces', { name: '  ' }, 'name'],
    ['a name with a line break', { name: 'a\nb' }, 'name'],
    ['a name with half a character', { name: 'a\ud800' }, 'name'],
    ['a name that is too long', { name: 'a'.repeat(121) }, 'name'],
    ['a name that is no text', { name: 7 }, 'name'],
    ['a description with a null character', { description: 'a\0b' }, 'description'],
    ['an unknown member', { colour: 'red' }, 'colour'],
    ['a member that the shop sets itself', { revision: 9 }, 'revision'],
  ])('with %s is refused, new or changed', async (_, wrong, field) => {
    const shop = await openShop()
    const body = { ...productDraft(), ...wrong }
    for (const answer of [
      await shop.send('POST', '/products', body),
      await shop.send('PUT', '/products/7', body),
    ]) {
      expect(answer.status).toBe(400)
      expect(answer.json()).toEqual({ error: { field, message: expect.any(String) } })
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

  test.each([
    ['broken JSON', '{"name": "a'],
    ['NaN, which is no JSON', '{"priceCents": NaN}'],
    ['nothing', ''],
    ['an array', '[]'],
    ['null', 'null'],
    ['a prototype', '{"__proto__": {"x": 1}}'],
  ])('made of %s is refused as a whole', async (_, body) => {
    const shop = await openShop()
    for (const [method, url] of [
      ['POST', '/products'],
      ['PUT', '/products/7'],
    ] as const) {
      const answer = await shop.send(method, url, body)
      expect(answer.status).toBe(400)
      expect(answer.json()).toEqual({ error: { field: 'body', message: expect.any(String) } })
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

test('every answer has Server-Timing, also refusals', async () => {
  const shop = await openShop()
  const urls = ['/products/1', '/products/abc', '/nothing', '/products/%zz', '/', '/health/live']
  for (const url of urls) expect((await shop.get(url)).headers['server-timing']).toMatch(/;dur=/)
})
