/** The rows that a new shop begins with, always the same ones; `seed.ts` stores them. */

import { fingerprint } from '../products/fingerprint.ts'
import { CATEGORIES, type Product } from '../products/product.ts'
import { SeededNumbers } from './seeded-numbers.ts'

export interface SampleRows {
  readonly products: readonly Product[]
  readonly reviews: readonly object[]
  readonly inventory: readonly object[]
  readonly prices: readonly object[]
}

const SEED = 20_260_101
const OPENED_AT = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000
const REVIEWS_OF_A_PRODUCT = 10

const LOOKS = ['Amber', 'Basalt', 'Cobalt', 'Fern', 'Ivory', 'Linen', 'Ochre', 'Slate'] as const
const MADE_OF = ['Ash', 'Brass', 'Canvas', 'Cork', 'Glass', 'Oak', 'Steel', 'Wool'] as const
const KINDS = ['Basket', 'Bench', 'Board', 'Case', 'Clock', 'Lamp', 'Rack', 'Stand'] as const
const AUTHORS = ['Ada', 'Bela', 'Chidi', 'Dana', 'Emre', 'Freya', 'Goran', 'Hana'] as const
const WAREHOUSES = ['north', 'east', 'south', 'west'] as const
const OPINIONS = [
  'Does what it should.',
  'Arrived early and well packed.',
  'Smaller than I thought, but well made.',
  'I bought a second one.',
  'The colour differs a little from the picture.',
  'Broke after a month; the replacement came at once.',
] as const

/** Ten reviews, a stock row and up to four prices for each of `count` products. */
export function sampleRows(count: number): SampleRows {
  const numbers = new SeededNumbers(SEED)
  const rows = { products: [], reviews: [], inventory: [], prices: [] } as {
    products: Product[]
    reviews: object[]
    inventory: object[]
    prices: object[]
  }
  for (let id = 1; id <= count; id += 1) {
    const product = sampleProduct(id, numbers)
    rows.products.push(product)
    rows.inventory.push({
      productId: id,
      stock: numbers.between(0, 500),
      warehouse: numbers.pick(WAREHOUSES),
    })
    rows.prices.push(...samplePrices(product, numbers))
    for (let n = 0; n < REVIEWS_OF_A_PRODUCT; n += 1) rows.reviews.push(sampleReview(id, numbers))
  }
  return rows
}

function sampleProduct(id: number, numbers: SeededNumbers): Product {
  const kind = numbers.pick(KINDS)
  const material = numbers.pick(MADE_OF)
  const product = {
    id,
    name: `${numbers.pick(LOOKS)} ${material} ${kind} ${id}`,
    category: numbers.pick(CATEGORIES),
    description: `A ${kind.toLowerCase()} of ${material.toLowerCase()}, made to be repaired.`,
    priceCents: numbers.between(200, 40_000),
    // The cube makes few products sell a lot and most of them little, as in any shop.
    sold: Math.floor(5_000 * numbers.share() ** 3),
    revision: 1,
    updatedAt: OPENED_AT,
  }
  return { ...product, fingerprint: fingerprint(product) }
}

/** Oldest first; the last one is the price of today. */
function samplePrices(product: Product, numbers: SeededNumbers): object[] {
  const earlier = numbers.between(0, 3)
  const prices: object[] = []
  for (let back = earlier; back > 0; back -= 1) {
    prices.push({
      productId: product.id,
      priceCents: Math.round(product.priceCents * (0.8 + numbers.share() * 0.4)),
      since: OPENED_AT - back * 90 * DAY_MS,
    })
  }
  prices.push({ productId: product.id, priceCents: product.priceCents, since: OPENED_AT })
  return prices
}

function sampleReview(productId: number, numbers: SeededNumbers): object {
  return {
    productId,
    rating: numbers.between(1, 5),
    author: numbers.pick(AUTHORS),
    text: numbers.pick(OPINIONS),
    createdAt: OPENED_AT - numbers.between(0, 365) * DAY_MS,
  }
}
