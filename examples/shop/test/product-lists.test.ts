import { describe, expect, test } from 'vitest'
import type { Category, Product } from '../src/products/product.ts'
import type { ProductList } from '../src/products/views.ts'
import { type OpenShop, openShop } from './open-shop.ts'
import { productDraft } from './product-draft.ts'

interface Page {
  readonly cached: boolean
  readonly data: ProductList
}

async function page(shop: OpenShop, query: string): Promise<Page> {
  const answer = await shop.get(`/products${query}`)
  expect(answer.status).toBe(200)
  return answer.json()
}

async function setup() {
  const shop = await openShop()
  const [first] = (await page(shop, '')).data.items
  if (first === undefined) throw new Error('The first page is empty.')
  const from: Category = first.category
  const to: Category = from === 'tools' ? 'toys' : 'tools'
  const ids = async (query: string) => (await page(shop, query)).data.items.map(({ id }) => id)
  return { shop, first, from, to, ids }
}

/** All that a client may say about it. */
function draftOf({ name, category, description, priceCents }: Product) {
  return { name, category, description, priceCents }
}

describe('a list', () => {
  test('has twenty products a page, in the order of their ids', async () => {
    const { shop, ids } = await setup()
    expect((await page(shop, '')).data).toMatchObject({ page: 1, pageSize: 20, total: 60 })
    expect(await ids('?page=3')).toEqual(Array.from({ length: 20 }, (_, n) => 41 + n))
    expect(await ids('?page=4')).toEqual([])
  })

  test('of a category has its products alone', async () => {
    const { shop, first, from } = await setup()
    const { items, total } = (await page(shop, `?category=${from}`)).data
    expect(items[0]).toEqual(first)
    expect(items.every(({ category }) => category === from)).toBe(true)
    expect(total).toBe(items.length)
  })

  test('comes from memory the second time', async () => {
    const { shop } = await setup()
    const again = await shop.get('/products')
    expect(again.tier).toBe('memory')
    expect(again.json()).toMatchObject({ cached: true })
  })

  test('shows a change of a member when the source has it, and the other pages stay', async () => {
    const { shop, first } = await setup()
    await page(shop, '?page=2')
    await shop.send('PUT', `/products/${first.id}`, { ...draftOf(first), priceCents: 1 })

    await expect
      .poll(async () => (await page(shop, '')).data.items[0], { timeout: 5_000 })
      .toMatchObject({ id: first.id, priceCents: 1 })
    expect((await page(shop, '?page=2')).cached).toBe(true)
  })

  test('loses a product that moves to another category, whose list gains it', async () => {
    const { shop, first, from, to, ids } = await setup()
    expect(await ids(`?category=${from}`)).toContain(first.id)
    expect(await ids(`?category=${to}`)).not.toContain(first.id)
    await shop.send('PUT', `/products/${first.id}`, { ...draftOf(first), category: to })

    await expect.poll(() => ids(`?category=${from}`), { timeout: 5_000 }).not.toContain(first.id)
    await expect.poll(() => ids(`?category=${to}`), { timeout: 5_000 }).toContain(first.id)
  })

  test('gains a new product, in its category and in the list of everything', async () => {
    const { shop, to, ids } = await setup()
    const before = { all: await ids('?page=4'), category: await ids(`?category=${to}`) }
    await shop.send('POST', '/products', productDraft({ category: to }))

    expect(await ids('?page=4')).toEqual([...before.all, 61])
    expect(await ids(`?category=${to}`)).toEqual([...before.category, 61])
    expect((await page(shop, '')).data.total).toBe(61)
  })

  test('loses a removed product, and the pages behind it move up', async () => {
    const { shop, first, from, ids } = await setup()
    await ids('?page=2')
    await ids(`?category=${from}`)
    await shop.send('DELETE', `/products/${first.id}`)

    expect(await ids('')).not.toContain(first.id)
    expect(await ids('?page=2')).toEqual(Array.from({ length: 20 }, (_, n) => 22 + n))
    expect(await ids(`?category=${from}`)).not.toContain(first.id)
  })
})
