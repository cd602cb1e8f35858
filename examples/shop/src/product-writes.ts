/**
 * Creates, changes and removes products. The routes call it.
 *
 * Writes go through the cache: the source is written, then the new value stands in every tier of this
 * process, its older copies are gone from the others, and so are the tags named here from all. Should
 * the process die in between, the cache ends the write by itself.
 */

import { ConflictError } from 'tiercel'
import type { SqliteDatabase } from 'tiercel/sqlite'
import type { Catalogue } from './catalogue.ts'
import { fingerprint } from './fingerprint.ts'
import { noProduct } from './no-product.ts'
import type { Product, ProductDraft, UnsealedProduct } from './product.ts'
import { RequestError } from './request-error.ts'
import { tags } from './tags.ts'
import { WriteTurns } from './write-turns.ts'

/** Of one change, where other instances change the same product: each round, one of them succeeds. */
const ATTEMPTS_AT_MOST = 20

export class ProductWrites {
  readonly #catalogue: Catalogue
  readonly #source: SqliteDatabase
  readonly #turns = new WriteTurns()

  constructor(catalogue: Catalogue, source: SqliteDatabase) {
    this.#catalogue = catalogue
    this.#source = source
  }

  /** Answers the new product, with the id that the shop gave it. */
  async create(draft: ProductDraft): Promise<Product> {
    const id = await this.#nextId()
    const product = sealed({ ...draft, id, sold: 0, revision: 1, updatedAt: Date.now() })
    const { products, reviews, inventory, prices } = this.#catalogue
    await products.create(id, product, { invalidateTags: tags.staleAfterCreate(draft.category) })
    // Somebody may have asked for this id before it was given; "there is none" carries no tag.
    await Promise.all([reviews.delete(id), inventory.delete(id), prices.delete(id)])
    return product
  }

  /** @throws RequestError with 404 if there is no such product. */
  put(id: number, draft: ProductDraft): Promise<void> {
    return this.#turns.take(id, async () => {
      for (let attempt = 1; attempt <= ATTEMPTS_AT_MOST; attempt += 1) {
        if (await this.#tryPut(id, draft)) return
      }
      throw new RequestError(503, { field: 'id', message: 'Too many changes at once; try again.' })
    })
  }

  /** @throws RequestError with 404 if there is no such product. */
  remove(id: number): Promise<void> {
    return this.#turns.take(id, async () => {
      const old = await this.#current(id)
      await this.#catalogue.products.remove(id, {
        invalidateTags: tags.staleAfterRemove(id, old.category),
      })
    })
  }

  /** `false`: another instance has changed the product meanwhile. */
  async #tryPut(id: number, draft: ProductDraft): Promise<boolean> {
    const old = await this.#current(id)
    const revision = old.revision + 1
    const product = sealed({ ...draft, id, sold: old.sold, revision, updatedAt: Date.now() })
    try {
      await this.#catalogue.products.put(id, product, {
        invalidateTags: tags.staleAfterPut(id, old.category, draft.category),
      })
      return true
    } catch (error) {
      if (error instanceof ConflictError) return false
      throw error
    }
  }

  /** Asks the source itself: a change must be made of what is there now. */
  async #current(id: number): Promise<Product> {
    const [product] = await this.#source.all<Product>('SELECT * FROM products WHERE id = ?', [id])
    if (product === undefined) {
      throw new RequestError(404, noProduct('id', id))
    }
    return product
  }

  /** An id is given once, also when the product with the highest one was removed. */
  async #nextId(): Promise<number> {
    const [row] = await this.#source.all<{ id: number }>(
      "UPDATE counters SET next = next + 1 WHERE name = 'product' RETURNING next - 1 AS id",
    )
    if (row === undefined) throw new Error('source.db has no counter for products.')
    return row.id
  }
}

function sealed(product: UnsealedProduct): Product {
  return { ...product, fingerprint: fingerprint(product) }
}
