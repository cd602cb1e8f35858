/**
 * The names of what becomes stale together.
 *
 * A list carries the tag of each product it shows, so that a changed product takes the lists with
 * it that show it and leaves the others alone. It also carries the tag of its scope: a product that
 * appears in a category, or leaves it, moves the pages of all that follow.
 */

import { parseListKey } from './list-key.ts'
import type { ProductList } from './views.ts'

const EVERY_PRODUCT = 'listed:everything'
const inCategory = (category: string): string => `listed:category:${category}`
/** What shows fields of the product: lists, the featured ones, its prices. */
const product = (id: number): string => `product:${id}`
/** What is gone when the product is: its reviews, stock and prices. */
const belongingsOf = (id: number): string => `belongings:${id}`
/** What shows how many there are. */
const stockOf = (id: number): string => `in-stock:${id}`

/** Called by `catalogue.ts` for what is loaded, by `product-writes.ts` and whoever changes stock for what is written. */
export const tags = {
  product,
  belongingsOf,
  stockOf,

  ofList(list: ProductList, key: string): string[] {
    const { category } = parseListKey(key)
    const scope = category === undefined ? EVERY_PRODUCT : inCategory(category)
    return [scope, ...list.items.map(({ id }) => product(id))]
  },

  staleAfterCreate(category: string): string[] {
    return [EVERY_PRODUCT, inCategory(category)]
  },

  staleAfterPut(id: number, from: string, to: string): string[] {
    return from === to ? [product(id)] : [product(id), inCategory(from), inCategory(to)]
  },

  staleAfterRemove(id: number, category: string): string[] {
    return [product(id), belongingsOf(id), EVERY_PRODUCT, inCategory(category)]
  },
}
