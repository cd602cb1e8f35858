import type { Store, StoreOutcome, StoreWrite } from 'tiercel'
import type { Source, SourceStatement } from '../database/source.ts'
import { isNotEnough } from '../inventory/inventory-change-store.ts'
import { NOT_ENOUGH } from '../inventory/inventory-tables.ts'
import { loadOrder } from './load-order.ts'
import type { Order } from './order.ts'

/** Orders as a store: each is one transaction with its lines and with what they take from the stock. */
export function orderStore(source: Source): Store<number, Order> {
  return {
    // They are only ever created, and an id is given once: there is nothing to be late for.
    fencing: 'unfenced',
    load: (id) => loadOrder(source, id),
    apply: (writes) => Promise.all(writes.map((write) => create(source, write))),
  }
}

async function create(source: Source, write: StoreWrite<number, Order>): Promise<StoreOutcome> {
  if (write.kind !== 'create') throw new Error('An order stays as it is.')
  try {
    await source.transaction(statements(write.value))
    return { kind: 'applied' }
  } catch (error) {
    if (isNotEnough(error)) return { kind: 'conflict', reason: NOT_ENOUGH }
    throw error
  }
}

/** The lines stand in the order of their products, so that no two orders wait for each other. */
function statements({ id, userId, createdAt, totalCents, lines }: Order): SourceStatement[] {
  return [
    {
      sql: 'INSERT INTO orders (id, "userId", "createdAt", "totalCents") VALUES ($1, $2, $3, $4)',
      params: [id, userId, createdAt, totalCents],
    },
    ...lines.map(({ productId, name, quantity, priceCents }) => ({
      sql: `INSERT INTO "orderLines" ("orderId", "productId", name, quantity, "priceCents")
        VALUES ($1, $2, $3, $4, $5)`,
      params: [id, productId, name, quantity, priceCents],
    })),
  ]
}
