import type { Loader } from 'tiercel'
import type { SqliteDatabase } from 'tiercel/sqlite'
import { parseListKey } from './list-key.ts'
import type { Product } from './product.ts'
import type { ProductList } from './views.ts'

const PAGE_SIZE = 20

/** Loads one page of products, in the order of their ids, by its `listKey`. */
export function loadProductList(source: SqliteDatabase): Loader<string, ProductList> {
  return async (key) => {
    const { page, category } = parseListKey(key)
    const where = category === undefined ? '' : 'WHERE category = ?'
    const scope = category === undefined ? [] : [category]
    // Asked in one tick, both travel in one transaction and see the same products.
    const [items, totals] = await Promise.all([
      source.all<Product>(`SELECT * FROM products ${where} ORDER BY id LIMIT ? OFFSET ?`, [
        ...scope,
        PAGE_SIZE,
        (page - 1) * PAGE_SIZE,
      ]),
      source.all<{ total: number }>(`SELECT count(*) AS total FROM products ${where}`, scope),
    ])
    return { page, pageSize: PAGE_SIZE, total: totals[0]?.total ?? 0, items }
  }
}
