import { describe, expect, test } from 'vitest'
import type { Product } from '../src/products/product.ts'
import type { Inventory, PricePoint, Reviews } from '../src/products/views.ts'
import { type OpenShop, openShop } from './open-shop.ts'
import { productDraft } from './product-draft.ts'

interface Details {
  readonly cached: boolean
  readonly data: {
    readonly product: Product
    readonly reviews: Reviews
    readonly inventory: Inventory
    readonly priceHistory: readonly PricePoint[]
    readonly featured: readonly Product[]
  }
}

async function details(shop: OpenShop, id: number): Promise<Details> {
  const answer = await shop.get(`/products/${id}/details`)
  expect(answer.status).toBe(200)
  return answer.json()
}

describe('a product page', () => {
  test('joins the product, its reviews, stock and prices, and what sells best', async () => {
    const shop = await openShop()
    const { cached, data } = await details(shop, 7)
    expect(cached).toBe(false)
    expect(data.product.id).toBe(7)
    expect(data.reviews).toMatchObject({ productId: 7, count: 10 })
    expect(data.reviews.latest).toHaveLength(10)
    expect(data.inventory).toMatchObject({ productId: 7, stock: expect.any(Number) })
    expect(data.priceHistory[0]?.priceCents).toBe(data.product.priceCents)
    const sold = data.featured.map((product) => product.sold)
    expect(sold).toHaveLength(6)
    expect(sold).toEqual([...sold].sort((a, b) => b - a))
  })

  test('tells the tier of each part, and is cached only if every part is', async () => {
    const shop = await openShop()
    await shop.get('/products/7')
    const half = await shop.get('/products/7/details')
    expect(half.json()).toMatchObject({ cached: false })
    expect(half.headers['server-timing']).toMatch(
      /^cache;desc="source";dur=[\d.]+, product;desc="memory";dur=[\d.]+, reviews;desc="source";/,
    )
    const whole = await shop.get('/products/7/details')
    expect(whole.json()).toMatchObject({ cached: true })
    expect(whole.tier).toBe('memory')
  })

  test('shares its parts with the routes that show one of them', async () => {
    const shop = await openShop()
    const { data } = await details(shop, 7)
    expect((await shop.get('/products/7')).json()).toEqual({ cached: true, data: data.product })
    expect((await shop.get('/products/7/reviews')).json()).toEqual({
      cached: true,
      data: data.reviews,
    })
    expect((await shop.get('/inventory/7')).json()).toEqual({ cached: true, data: data.inventory })
  })

  test('shows a changed price in the product and in its history, and keeps the reviews', async () => {
    const shop = await openShop()
    const before = await details(shop, 7)
    await shop.send('PUT', '/products/7', productDraft({ priceCents: 123 }))

    expect((await details(shop, 7)).data.product.priceCents).toBe(123)
    // The history is the source's, which has the change a little later.
    const history = async () =>
      (await details(shop, 7)).data.priceHistory.map(({ priceCents }) => priceCents)
    await expect
      .poll(history, { timeout: 5_000 })
      .toEqual([123, ...before.data.priceHistory.map(({ priceCents }) => priceCents)])
    const answer = await shop.get('/products/7/details')
    expect(answer.headers['server-timing']).toContain('reviews;desc="memory"')
  })

  test('shows a change of a featured product', async () => {
    const shop = await openShop()
    const [best] = (await details(shop, 7)).data.featured
    await shop.send('PUT', `/products/${best?.id}`, productDraft({ name: 'Best Kettle' }))
    await expect
      .poll(async () => (await details(shop, 7)).data.featured[0]?.name, { timeout: 5_000 })
      .toBe('Best Kettle')
  })

  test('of a product that is not there answers 404', async () => {
    const shop = await openShop()
    const answer = await shop.get('/products/4711/details')
    expect(answer.status).toBe(404)
    expect(answer.json()).toMatchObject({ error: { field: 'id' } })
  })
})

describe('reviews and stock', () => {
  test('of a product that is not there answer 404 and name the parameter', async () => {
    const shop = await openShop()
    expect((await shop.get('/products/4711/reviews')).json()).toMatchObject({
      error: { field: 'id' },
    })
    const stock = await shop.get('/inventory/4711')
    expect(stock.status).toBe(404)
    expect(stock.json()).toMatchObject({ error: { field: 'productId' } })
  })

  test('say how many reviews there are and how good they are', async () => {
    const shop = await openShop()
    const { data } = (await shop.get('/products/7/reviews')).json() as { data: Reviews }
    const ratings = data.latest.map(({ rating }) => rating)
    const average = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length
    expect(data.averageRating).toBeCloseTo(average)
    const times = data.latest.map(({ createdAt }) => createdAt)
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })
})
