import type { Loader } from 'tiercel'
import type { SqliteDatabase } from 'tiercel/sqlite'
import type { Product } from './product.ts'
import type { Featured } from './views.ts'

const PLACES = 6

/** Loads the best-selling products. There is one such list, so the key is not looked at. */
export function loadFeatured(source: SqliteDatabase): Loader<string, Featured> {
  return () =>
    source.all<Product>('SELECT * FROM products ORDER BY sold DESC, id LIMIT ?', [PLACES])
}
