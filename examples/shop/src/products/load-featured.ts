import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Product } from './product.ts'
import type { Featured } from './views.ts'

const PLACES = 6

/** Loads the best-selling products. There is one such list, so the key is not looked at. */
export function loadFeatured(source: Source): Loader<string, Featured> {
  return () =>
    source.all<Product>('SELECT * FROM products ORDER BY sold DESC, id LIMIT $1', [PLACES])
}
