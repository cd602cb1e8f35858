import { describe, expect, test } from 'vitest'
import { fingerprint } from '../src/products/fingerprint.ts'
import type { Product } from '../src/products/product.ts'
import { openShop } from './open-shop.ts'
import { productDraft } from './product-draft.ts'

interface One {
  readonly cached: boolean
  readonly data: Product
}

describe('a product', () => {
  test('comes from the source once and from memory afterwards', async () => {
    const shop = await openShop()
    const first = await shop.get('/products/7')
    const second = await shop.get('/products/7')

    expect(first.status).toBe(200)
    expect(first.tier).toBe('source')
    const { cached, data } = first.json() as One
    expect(cached).toBe(false)
    expect(data).toMatchObject({ id: 7, revision: 1 })
    expect(data.fingerprint).toBe(fingerprint(data))
    expect(second.tier).toBe('memory')
    expect(second.json()).toEqual({ cached: true, data })
  })

  test('is loaded once for many who ask at the same moment', async () => {
    const shop = await openShop()
    await Promise.all(Array.from({ length: 20 }, () => shop.get('/products/7')))
    const { loads } = (await shop.get('/status')).json() as { loads: { total: number } }
    expect(loads.total).toBe(1)
  })

  test('that is not there answers 404, the second time from the cache', async () => {
    const shop = await openShop()
    const first = await shop.get('/products/4711')
    const second = await shop.get('/products/4711')

    expect(first.status).toBe(404)
    expect(first.json()).toEqual({
      error: { field: 'id', message: 'There is no product 4711.' },
    })
    expect(first.tier).toBe('source')
    expect(second.status).toBe(404)
    expect(second.tier).toBe('memory')
  })
})

describe('a new product', () => {
  test('answers 201 with its address, and is in the cache from its first read on', async () => {
    const shop = await openShop()
    const created = await shop.send('POST', '/products', productDraft())
    expect(created.status).toBe(201)
    expect(created.headers).toMatchObject({ location: '/products/61' })
    expect(created.tier).toBe('source')
    const { data } = created.json() as One
    expect(data).toMatchObject({ ...productDraft(), id: 61, revision: 1, sold: 0 })

    expect((await shop.get('/products/61')).json()).toEqual({ cached: true, data })
  })

  test('is seen by those who were told before that there was none', async () => {
    const shop = await openShop()
    const pages = ['/products/61', '/products/61/details', '/products/61/reviews', '/inventory/61']
    for (const page of pages) expect((await shop.get(page)).status).toBe(404)
    await shop.send('POST', '/products', productDraft())
    for (const page of pages) expect((await shop.get(page)).status).toBe(200)
  })

  test('never gets the id of a removed one', async () => {
    const shop = await openShop()
    await shop.send('POST', '/products', productDraft())
    await shop.send('DELETE', '/products/61')
    const again = (await shop.send('POST', '/products', productDraft())).json() as One
    expect(again.data.id).toBe(62)
  })

  test('may leave its description out', async () => {
    const shop = await openShop()
    const { description: _, ...short } = productDraft()
    const created = await shop.send('POST', '/products', short)
    expect((created.json() as One).data.description).toBe('')
  })
})

describe('a changed product', () => {
  test('answers 202 and is seen by the next read, which the cache answers', async () => {
    const shop = await openShop()
    await shop.get('/products/7')
    const changed = await shop.send('PUT', '/products/7', productDraft({ name: 'Loud Kettle' }))
    expect(changed.status).toBe(202)
    expect(changed.tier).toBe('shared')

    const next = await shop.get('/products/7')
    const { cached, data } = next.json() as One
    expect(cached).toBe(true)
    expect(data).toMatchObject({ name: 'Loud Kettle', revision: 2 })
    expect(data.fingerprint).toBe(fingerprint(data))
  })

  test('gets a revision of its own for each of many changes made at once', async () => {
    const shop = await openShop()
    const changes = Array.from({ length: 10 }, (_, n) =>
      shop.send('PUT', '/products/7', productDraft({ name: `Kettle ${n}` })),
    )
    for (const { status } of await Promise.all(changes)) expect(status).toBe(202)
    expect(((await shop.get('/products/7')).json() as One).data.revision).toBe(11)
  })

  test('that is not there answers 404 and is not made', async () => {
    const shop = await openShop()
    expect((await shop.send('PUT', '/products/4711', productDraft())).status).toBe(404)
    expect((await shop.get('/products/4711')).status).toBe(404)
  })
})

describe('a removed product', () => {
  test('answers 204, and 404 from then on', async () => {
    const shop = await openShop()
    await shop.get('/products/7/details')
    const removed = await shop.send('DELETE', '/products/7')
    expect(removed.status).toBe(204)
    expect(removed.body).toBe('')

    for (const url of [
      '/products/7',
      '/products/7/details',
      '/products/7/reviews',
      '/inventory/7',
    ]) {
      expect((await shop.get(url)).status).toBe(404)
    }
    expect((await shop.send('DELETE', '/products/7')).status).toBe(404)
  })
})
