/** Takes orders. The routes call it. */

import { ConflictError } from 'tiercel'
import { nextId } from '../database/next-id.ts'
import type { Source } from '../database/source.ts'
import type { Turns } from '../database/turns.ts'
import type { Catalogue } from '../products/catalogue.ts'
import { noProduct } from '../products/no-product.ts'
import { tags } from '../products/tags.ts'
import { type Problem, RequestError } from '../server/request-error.ts'
import type { Customers } from '../users/customers.ts'
import { noUser } from '../users/no-user.ts'
import type { Order, OrderDraft, OrderLine } from './order.ts'
import { type Orders, ordersOf } from './orders.ts'

interface Parts {
  readonly source: Source
  readonly catalogue: Catalogue
  readonly customers: Customers
  readonly orders: Orders
  /** Of those who take something from the stock, by the product. */
  readonly turns: Turns
}

export class OrderWrites {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Answers the order once the source has it, with its stock taken. The page that confirms it and the
   * user's latest order are in the cache by then.
   *
   * @throws RequestError with 404 for an unknown user or product, 409 where there is not enough; what
   * the source throws.
   */
  async create(draft: OrderDraft): Promise<Order> {
    const { source, customers, orders, turns } = this.#parts
    const { userId } = draft
    const user = await customers.users.read(userId)
    if (!user.found) throw new RequestError(404, noUser('userId', userId))
    const lines = await this.#lines(draft)
    const totalCents = lines.reduce((sum, line) => sum + line.quantity * line.priceCents, 0)
    const productIds = lines.map(({ productId }) => productId)
    const id = await nextId(source, 'order')
    const order = { id, userId, createdAt: Date.now(), totalCents, lines }
    const invalidateTags = [ordersOf(userId), ...productIds.map(tags.stockOf)]
    try {
      await turns.takeAll(productIds, () => orders.orders.create(id, order, { invalidateTags }))
    } catch (error) {
      if (error instanceof ConflictError) {
        throw new RequestError(409, await this.#tooFew(draft, lines))
      }
      throw error
    }
    // Of the first order of a user: "there is none" carries no tag.
    await orders.latestOrders.delete(userId)
    // The order stands, whatever becomes of this: who asks for it then, loads it.
    await orders.latestOrders.get(userId).catch(() => undefined)
    return order
  }

  /** What stands twice in a basket is one line. */
  async #lines({ items }: OrderDraft): Promise<readonly OrderLine[]> {
    const quantities = new Map<number, number>()
    for (const { productId, quantity } of items) {
      quantities.set(productId, (quantities.get(productId) ?? 0) + quantity)
    }
    const products = await this.#parts.catalogue.products.getMany(quantities.keys())
    return [...quantities]
      .map(([productId, quantity]) => {
        const product = products.get(productId)
        if (product === undefined) {
          const index = items.findIndex((item) => item.productId === productId)
          throw new RequestError(404, noProduct(`items.${index}.productId`, productId))
        }
        return { productId, name: product.name, quantity, priceCents: product.priceCents }
      })
      .sort((a, b) => a.productId - b.productId)
  }

  /** Names the first item that there is too little of, as far as can be told afterwards. */
  async #tooFew({ items }: OrderDraft, lines: readonly OrderLine[]): Promise<Problem> {
    const { inventory } = this.#parts.catalogue
    const stock = await inventory.getMany(lines.map(({ productId }) => productId))
    for (const [index, { productId }] of items.entries()) {
      const left = stock.get(productId)?.stock ?? 0
      const wanted = lines.find((line) => line.productId === productId)?.quantity ?? 0
      if (left >= wanted) continue
      const message = `There are ${left} of product ${productId} in stock.`
      return { field: `items.${index}.quantity`, message }
    }
    return { field: 'items', message: 'There is not enough in stock.' }
  }
}
