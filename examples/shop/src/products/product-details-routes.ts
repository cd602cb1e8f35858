import type { FastifyInstance } from 'fastify'
import { idParams } from '../server/api-schemas.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import { RequestError } from '../server/request-error.ts'
import { setServerTiming, slowestTier } from '../server/server-timing.ts'
import { timedRead } from '../server/timed-read.ts'
import { type Catalogue, FEATURED } from './catalogue.ts'
import { noProduct } from './no-product.ts'

/**
 * All that a product page shows, in one answer.
 *
 * The five parts are asked for in one tick: those that memory lacks travel to the shared tier
 * together, and those that it lacks too are loaded together. Each keeps a life of its own, so that
 * the stock can be minutes old while the reviews stay for half an hour.
 */
export function productDetailsRoutes(app: FastifyInstance, catalogue: Catalogue): void {
  const { products, reviews, inventory, prices, featured } = catalogue

  app.get<{ Params: { readonly id: number } }>(
    '/products/:id/details',
    { schema: details },
    async ({ params: { id } }, reply) => {
      const startedAt = performance.now()
      const [product, review, stock, price, front] = await Promise.all([
        timedRead(() => products.read(id)),
        timedRead(() => reviews.read(id)),
        timedRead(() => inventory.read(id)),
        timedRead(() => prices.read(id)),
        timedRead(() => featured.read(FEATURED)),
      ])
      const parts = { product, reviews: review, inventory: stock, prices: price, featured: front }
      const timings = Object.entries(parts).map(
        ([name, { reading, durationMs }]) => [name, { tier: reading.tier, durationMs }] as const,
      )
      const tier = slowestTier(timings.map(([, timing]) => timing.tier))
      const durationMs = performance.now() - startedAt
      setServerTiming(reply, { tier, durationMs }, Object.fromEntries(timings))
      // A product that is removed in this moment may still be here while its stock is gone.
      const [p, r, s, c] = [product.reading, review.reading, stock.reading, price.reading]
      if (!p.found || !r.found || !s.found || !c.found) {
        throw new RequestError(404, noProduct('id', id))
      }
      return {
        cached: tier !== 'source',
        data: {
          product: p.value,
          reviews: r.value,
          inventory: s.value,
          priceHistory: c.value,
          featured: front.reading.found ? front.reading.value : [],
        },
      }
    },
  )
}

const details = {
  tags: ['products'],
  summary: 'A product page: the product, its reviews, stock and prices, and what sells best',
  description: '`cached` is true where no part had to be asked of the source.',
  params: idParams,
  response: { 200: oneResource('ProductDetails', 'The page'), ...problems(400, 404, 503) },
}
