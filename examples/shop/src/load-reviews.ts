import type { Loader } from 'tiercel'
import type { SqliteDatabase } from 'tiercel/sqlite'
import type { Review, Reviews } from './views.ts'

const LATEST = 10

interface Summary {
  readonly count: number
  readonly averageRating: number
}

/** Loads what is said about one product; nothing if there is no such product. */
export function loadReviews(source: SqliteDatabase): Loader<number, Reviews> {
  return async (productId) => {
    const [summary, latest] = await Promise.all([
      source.all<Summary>(
        `SELECT count(reviews.id) AS count, round(ifnull(avg(rating), 0), 2) AS averageRating
        FROM products LEFT JOIN reviews ON reviews.productId = products.id
        WHERE products.id = ? GROUP BY products.id`,
        [productId],
      ),
      source.all<Review>(
        `SELECT id, rating, author, text, createdAt FROM reviews
        WHERE productId = ? ORDER BY createdAt DESC, id DESC LIMIT ?`,
        [productId, LATEST],
      ),
    ])
    return summary[0] && { productId, ...summary[0], latest }
  }
}
