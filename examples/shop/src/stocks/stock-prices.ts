/** What the shop caches of stock prices. `stock-price-writes.ts` changes them, `stock-routes.ts` shows them. */

import type { Cache, Collection } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Stock } from './stock.ts'

/** By symbol. */
export type StockPrices = Collection<string, Stock>

export function openStockPrices(cache: Cache, source: Source): StockPrices {
  return cache.collection<string, Stock>('stock', {
    store: source.table({ table: 'stocks', key: 'symbol' }),
    // A price is changed more often than it is read twice: a new one would be stored for nobody.
    write: { put: 'around' },
    workload: 'write-heavy',
    ttl: '2m',
    memoryTtl: '2m',
    // Easily loaded again, and soon outdated anyway: it makes room for products first.
    priority: 'low',
    negativeTtl: '30s',
  })
}
