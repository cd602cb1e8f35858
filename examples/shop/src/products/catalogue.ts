/**
 * What the shop caches of its products: one collection for each kind of thing, each with a life of its own.
 *
 * Routes read through these; `product-writes.ts` writes through `products` and names the tags that
 * its writes make stale. The tags are made in `tags.ts` alone, so that both sides agree.
 */

import type { Cache, Collection, Schedule } from 'tiercel'
import { bestSellers } from '../cache/warm-queries.ts'
import type { Source } from '../database/source.ts'
import { loadFeatured } from './load-featured.ts'
import { loadPrices } from './load-prices.ts'
import { loadProductList } from './load-product-list.ts'
import { loadReviews } from './load-reviews.ts'
import type { Product } from './product.ts'
import { tags } from './tags.ts'
import type { Featured, Inventory, PriceHistory, ProductList, Reviews } from './views.ts'

export interface Catalogue {
  readonly products: Collection<number, Product>
  /** By `listKey`. */
  readonly lists: Collection<string, ProductList>
  readonly reviews: Collection<number, Reviews>
  readonly inventory: Collection<number, Inventory>
  readonly prices: Collection<number, PriceHistory>
  /** One entry, under `FEATURED`. */
  readonly featured: Collection<string, Featured>
}

/** Under which the featured products are kept: there is one choice for all visitors. */
export const FEATURED = 'front-page'

/** Ids that nobody has are asked for again and again, by crawlers for instance. */
const UNKNOWN_FOR = '30s'

interface Parts {
  readonly cache: Cache
  readonly source: Source
  readonly hourly: Schedule
  /** Fulfilled when requests can be answered: until then, warming would only be in the way. */
  readonly serving: Promise<void>
}

export function openCatalogue({ cache, source, hourly, serving }: Parts): Catalogue {
  return {
    products: cache.collection<number, Product>('product', {
      // Versions keep an instance that stood still from rolling back what came after.
      store: source.table({ table: 'products', key: 'id', versions: 'product_versions' }),
      // Who creates hears at once if the source refuses it; a change need not wait for the source.
      write: { create: 'through', put: 'behind', remove: 'through' },
      // Clients try again by themselves: better 503 at once than many requests that wait for room.
      behind: { whenFull: 'reject' },
      ttl: '30m',
      memoryTtl: '5m',
      negativeTtl: UNKNOWN_FOR,
      refreshAhead: 'on',
      warm: {
        // Nobody waits for it: what is not there yet is loaded for the first who asks, as ever.
        start: { from: bestSellers(source, serving), ttl: '1h', ready: 'at-once' },
        schedule: { at: hourly, from: 'cached' },
        heat: { reads: 100, ttl: '2h', priority: 'high' },
        predict: 'on',
      },
      workload: 'read-heavy',
    }),
    lists: cache.collection<string, ProductList>('product-list', {
      source: loadProductList(source),
      tagsOf: (list, key) => tags.ofList(list, key),
      workload: 'read-heavy',
    }),
    reviews: cache.collection<number, Reviews>('reviews', {
      source: loadReviews(source),
      tagsOf: (_, productId) => [tags.belongingsOf(productId)],
      ttl: '30m',
      memoryTtl: '30m',
      negativeTtl: UNKNOWN_FOR,
      workload: 'read-heavy',
    }),
    inventory: cache.collection<number, Inventory>('inventory', {
      source: source.table({ table: 'inventory', key: 'productId' }),
      // 1: with what is reserved.
      version: 1,
      tagsOf: (_, productId) => [tags.stockOf(productId), tags.belongingsOf(productId)],
      workload: 'write-heavy',
      ttl: '3m',
      memoryTtl: '3m',
      negativeTtl: UNKNOWN_FOR,
    }),
    prices: cache.collection<number, PriceHistory>('price-history', {
      source: loadPrices(source),
      tagsOf: (_, productId) => [tags.product(productId), tags.belongingsOf(productId)],
      ttl: '1h',
      negativeTtl: UNKNOWN_FOR,
      workload: 'read-heavy',
    }),
    featured: cache.collection<string, Featured>('featured', {
      source: loadFeatured(source),
      tagsOf: (featured) => featured.map(({ id }) => tags.product(id)),
      ttl: '10m',
      workload: 'read-heavy',
    }),
  }
}
