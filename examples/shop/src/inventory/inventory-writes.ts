/**
 * Reserves stock and takes it back. The routes call it.
 *
 * The database decides: whoever asks, on whichever instance, takes from one row, which never goes below
 * zero. What is cached of the stock is only shown, and leaves with the change: at its end, or a few
 * seconds later should this process die between the commit and the word to the cache.
 */

import { randomUUID } from 'node:crypto'
import { type Cache, type Collection, ConflictError } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Turns } from '../database/turns.ts'
import type { Catalogue } from '../products/catalogue.ts'
import { noProduct } from '../products/no-product.ts'
import { tags } from '../products/tags.ts'
import type { Inventory } from '../products/views.ts'
import { RequestError } from '../server/request-error.ts'
import { type InventoryChange, type InventoryRequest, isSameChange } from './inventory-change.ts'
import { findChange, inventoryChangeStore } from './inventory-change-store.ts'

interface Parts {
  readonly cache: Cache
  readonly source: Source
  readonly catalogue: Catalogue
  /** Of those who take something from the stock, by the product. */
  readonly turns: Turns
}

/** How the stock stands after a change, and the name under which the change may be sent again. */
export interface ChangedInventory extends Inventory {
  readonly request: string
  readonly quantity: number
}

/** Whether a request can be sent `again`, since it has a name. */
type Sent = 'once' | 'again'

export class InventoryWrites {
  readonly #source: Source
  readonly #catalogue: Catalogue
  readonly #turns: Turns
  readonly #changes: Collection<string, InventoryChange>

  constructor({ cache, source, catalogue, turns }: Parts) {
    this.#source = source
    this.#turns = turns
    this.#catalogue = catalogue
    // Written round the cache: nobody reads a change, and each takes the cached stock with it.
    this.#changes = cache.collection<string, InventoryChange>('inventory-change', {
      store: inventoryChangeStore(source),
      workload: 'write-heavy',
    })
  }

  /** @throws RequestError with 404 or, where there is not enough, 409; TierError; what the source throws. */
  reserve(productId: number, request: InventoryRequest): Promise<ChangedInventory> {
    return this.#change(productId, request.quantity, request)
  }

  /** @throws RequestError with 404 or, where less is reserved, 409; TierError; what the source throws. */
  restore(productId: number, request: InventoryRequest): Promise<ChangedInventory> {
    return this.#change(productId, -request.quantity, request)
  }

  #change(
    productId: number,
    quantity: number,
    { request: name }: InventoryRequest,
  ): Promise<ChangedInventory> {
    const request = name ?? randomUUID()
    const change = { id: request, productId, quantity, changedAt: Date.now() }
    return this.#turns.take(productId, async () => {
      await this.#carryOut(change, name === undefined ? 'once' : 'again')
      const now = await this.#catalogue.inventory.read(productId)
      if (!now.found) throw new RequestError(404, noProduct('productId', productId))
      return { ...now.value, request, quantity: Math.abs(quantity) }
    })
  }

  async #carryOut(change: InventoryChange, sent: Sent): Promise<void> {
    const [stock, earlier] = await Promise.all([
      this.#stock(change.productId),
      findChange(this.#source, change.id),
    ])
    // What cannot be carried out removes nothing from the cache: a write would, whatever the source says
    // to it. Where somebody is quicker between this look and the write, their change has removed it.
    if (earlier === undefined && !isEnough(stock, change)) return await this.#giveUp(change, sent)
    if (earlier !== undefined && !isSameChange(earlier, change))
      throw refusal(change, stock, earlier)
    try {
      await this.#changes.create(change.id, change, {
        invalidateTags: [tags.stockOf(change.productId)],
      })
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
      await this.#giveUp(change, sent)
    }
  }

  /**
   * Refuses the change for good, by a row of its name that takes nothing.
   *
   * Two are at it where a request is sent again since its instance has died: this one, and the first,
   * whose statement the database may still have before it, waiting for the row. Without the row of this
   * one, somebody who was told that there is not enough would have it a moment later, when others give
   * something back. `npm run inventory` finds it.
   *
   * @throws RequestError, unless the first one was carried out meanwhile.
   */
  async #giveUp(change: InventoryChange, sent: Sent): Promise<void> {
    const { id, productId, changedAt } = change
    const stock = await this.#stock(productId)
    if (stock === undefined || sent === 'once') throw refusal(change, stock, undefined)
    await this.#source.all(
      `INSERT INTO "inventoryChanges" (id, "productId", quantity, "changedAt")
      VALUES ($1, $2, 0, $3) ON CONFLICT (id) DO NOTHING`,
      [id, productId, changedAt],
    )
    const first = await findChange(this.#source, id)
    if (first !== undefined && isSameChange(first, change)) return
    throw refusal(change, stock, first)
  }

  async #stock(productId: number): Promise<Inventory | undefined> {
    const [row] = await this.#source.all<Inventory>(
      'SELECT * FROM inventory WHERE "productId" = $1',
      [productId],
    )
    return row
  }
}

function isEnough(stock: Inventory | undefined, { quantity }: InventoryChange): boolean {
  return stock !== undefined && stock.stock >= quantity && stock.reserved + quantity >= 0
}

/** `first`: what stands under the name of the change, and is another one. */
function refusal(
  { id, productId, quantity }: InventoryChange,
  stock: Inventory | undefined,
  first: InventoryChange | undefined,
): RequestError {
  if (stock === undefined) return new RequestError(404, noProduct('productId', productId))
  if (first !== undefined && first.quantity !== 0) {
    return new RequestError(409, { field: 'request', message: `${id} names another request.` })
  }
  const message =
    quantity > 0
      ? `There are ${stock.stock} in stock.`
      : `There are ${stock.reserved} reserved, and no more to be given back.`
  return new RequestError(409, { field: 'quantity', message })
}
