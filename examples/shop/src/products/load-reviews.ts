import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Review, Reviews } from './views.ts'

const LATEST = 10

interface Summary {
  readonly count: number
  readonly averageRating: number
}

/** Loads what is said about one product; nothing if there is no such product. */
export function loadReviews(source: Source): Loader<number, Reviews> {
  return async (productId) => {
    const [summary, latest] = await Promise.all([
      source.all<Summary>(
        `SELECT count(reviews.id) AS count,
          CAST(round(coalesce(avg(rating), 0), 2) AS DOUBLE PRECISION) AS "averageRating"
        FROM products LEFT JOIN reviews ON reviews."productId" = products.id
        WHERE products.id = $1 GROUP BY products.id`,
        [productId],
      ),
      source.all<Review>(
        `SELECT id, rating, author, text, "createdAt" FROM reviews
        WHERE "productId" = $1 ORDER BY "createdAt" DESC, id DESC LIMIT $2`,
        [productId, LATEST],
      ),
    ])
    return summary[0] && { productId, ...summary[0], latest }
  }
}
