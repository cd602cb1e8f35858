/**
 * Creates, changes and removes products. The routes call it.
 *
 * New and removed ones go through the cache: the source first, then the cache, and the tags named
 * here leave with the write. Changes are written behind it: they stand in the cache at once, and
 * their tags leave when the source has them, since lists are loaded from there. Should the process
 * die in between, the cache ends each write by itself.
 */

import type { Cache, WriteReceipt } from 'tiercel'
import { nextId } from '../database/next-id.ts'
import type { Source } from '../database/source.ts'
import { RequestError } from '../server/request-error.ts'
import type { Catalogue } from './catalogue.ts'
import { fingerprint } from './fingerprint.ts'
import { noProduct } from './no-product.ts'
import type { Product, ProductDraft, UnsealedProduct } from './product.ts'
import { tags } from './tags.ts'
import { WriteTurns } from './write-turns.ts'

interface Parts {
  readonly cache: Cache
  readonly catalogue: Catalogue
  readonly source: Source
}

export class ProductWrites {
  readonly #catalogue: Catalogue
  readonly #source: Source
  readonly #turns: WriteTurns

  constructor({ cache, catalogue, source }: Parts) {
    this.#catalogue = catalogue
    this.#source = source
    this.#turns = new WriteTurns(cache)
  }

  /** Answers the new product, with the id that the shop gave it. */
  async create(draft: ProductDraft): Promise<Product> {
    const id = await nextId(this.#source, 'product')
    const product = sealed({ ...draft, id, sold: 0, revision: 1, updatedAt: Date.now() })
    const { products, reviews, inventory, prices } = this.#catalogue
    await products.create(id, product, { invalidateTags: tags.staleAfterCreate(draft.category) })
    // Somebody may have asked for this id before it was given; "there is none" carries no tag.
    await Promise.all([reviews.delete(id), inventory.delete(id), prices.delete(id)])
    return product
  }

  /**
   * Answers once the shared tier has the change: from then on everybody reads it, and it reaches the
   * source by itself.
   *
   * @throws RequestError with 404 if there is no such product; QueueFullError; TierError.
   */
  put(id: number, draft: ProductDraft): Promise<WriteReceipt> {
    return this.#turns.take(id, async () => {
      const old = await this.#current(id)
      const revision = old.revision + 1
      const product = sealed({ ...draft, id, sold: old.sold, revision, updatedAt: Date.now() })
      return await this.#catalogue.products.put(id, product, {
        invalidateTags: tags.staleAfterPut(id, old.category, draft.category),
      })
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

  /**
   * The latest product, by whichever instance: a change that waits for the source stands in the shared
   * tier alone, and a copy in memory may be a second old.
   */
  async #current(id: number): Promise<Product> {
    const { products } = this.#catalogue
    const shared = await products.read(id, { read: 'shared' })
    const now = shared.found ? shared : await products.read(id, { read: 'source' })
    if (!now.found) throw new RequestError(404, noProduct('id', id))
    if (now.stale) {
      throw new RequestError(503, { field: 'id', message: 'The product cannot be changed now.' })
    }
    return now.value
  }
}

function sealed(product: UnsealedProduct): Product {
  return { ...product, fingerprint: fingerprint(product) }
}
