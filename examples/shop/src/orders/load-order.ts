import type { Source } from '../database/source.ts'
import type { Order, OrderLine } from './order.ts'

type Head = Omit<Order, 'lines'>

/** One order with its lines. */
export async function loadOrder(source: Source, id: number): Promise<Order | undefined> {
  const [[head], lines] = await Promise.all([
    source.all<Head>('SELECT * FROM orders WHERE id = $1', [id]),
    source.all<OrderLine>(
      `SELECT "productId", name, quantity, "priceCents" FROM "orderLines"
      WHERE "orderId" = $1 ORDER BY "productId"`,
      [id],
    ),
  ])
  return head && { ...head, lines }
}

/** The one that was given last: ids grow. */
export async function loadLatestOrder(source: Source, userId: number): Promise<Order | undefined> {
  const [latest] = await source.all<{ id: number }>(
    `SELECT orders.id FROM orders JOIN users ON users.id = orders."userId"
    WHERE orders."userId" = $1 ORDER BY orders.id DESC LIMIT 1`,
    [userId],
  )
  return latest && (await loadOrder(source, latest.id))
}
