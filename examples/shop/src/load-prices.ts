import type { Loader } from 'tiercel'
import type { SqliteDatabase } from 'tiercel/sqlite'
import type { PriceHistory, PricePoint } from './views.ts'

const POINTS = 50

/** Loads the latest prices of one product; each product has at least the one it began with. */
export function loadPrices(source: SqliteDatabase): Loader<number, PriceHistory> {
  return async (productId) => {
    const points = await source.all<PricePoint>(
      `SELECT priceCents, since FROM prices
      WHERE productId = ? ORDER BY since DESC, id DESC LIMIT ?`,
      [productId, POINTS],
    )
    return points.length === 0 ? undefined : points
  }
}
