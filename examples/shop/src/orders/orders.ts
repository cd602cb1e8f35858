/** What the shop caches of its orders. */

import type { Cache, Collection } from 'tiercel'
import type { Source } from '../database/source.ts'
import { loadLatestOrder } from './load-order.ts'
import type { Order } from './order.ts'
import { orderStore } from './order-store.ts'

export interface Orders {
  /** The page that confirms an order. */
  readonly orders: Collection<number, Order>
  /** By the id of the user. */
  readonly latestOrders: Collection<number, Order>
}

/** Ids that nobody has are asked for again and again. */
const UNKNOWN_FOR = '30s'

/** Carried by what shows the orders of a user. */
export const ordersOf = (userId: number): string => `orders-of:${userId}`

export function openOrders(cache: Cache, source: Source): Orders {
  return {
    orders: cache.collection<number, Order>('order', {
      store: orderStore(source),
      // The page that confirms it is asked for next.
      write: { create: 'through' },
      ttl: '5m',
      memoryTtl: '5m',
      negativeTtl: UNKNOWN_FOR,
      workload: 'read-heavy',
    }),
    latestOrders: cache.collection<number, Order>('latest-order', {
      source: (userId) => loadLatestOrder(source, userId),
      tagsOf: (_, userId) => [ordersOf(userId)],
      ttl: '5m',
      memoryTtl: '5m',
      negativeTtl: UNKNOWN_FOR,
      workload: 'read-heavy',
    }),
  }
}
