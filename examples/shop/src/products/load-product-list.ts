import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import { parseListKey } from './list-key.ts'
import type { Product } from './product.ts'
import type { ProductList } from './views.ts'

const PAGE_SIZE = 20

/** Loads one page of products, in the order of their ids, by its `listKey`. */
export function loadProductList(source: Source): Loader<string, ProductList> {
  return async (key) => {
    const { page, category } = parseListKey(key)
    const where = category === undefined ? '' : 'WHERE category = $1'
    const scope = category === undefined ? [] : [category]
    const [limit, offset] = [`$${scope.length + 1}`, `$${scope.length + 2}`]
    // A change between the two takes this list with it, by its tags.
    const [items, totals] = await Promise.all([
      source.all<Product>(
        `SELECT * FROM products ${where} ORDER BY id LIMIT ${limit} OFFSET ${offset}`,
        [...scope, PAGE_SIZE, (page - 1) * PAGE_SIZE],
      ),
      source.all<{ total: number }>(`SELECT count(*) AS total FROM products ${where}`, scope),
    ])
    return { page, pageSize: PAGE_SIZE, total: totals[0]?.total ?? 0, items }
  }
}
