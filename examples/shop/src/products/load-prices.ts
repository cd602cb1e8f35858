import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { PriceHistory, PricePoint } from './views.ts'

const POINTS = 50

/** Loads the latest prices of one product; each product has at least the one it began with. */
export function loadPrices(source: Source): Loader<number, PriceHistory> {
  return async (productId) => {
    const points = await source.all<PricePoint>(
      `SELECT "priceCents", since FROM prices
      WHERE "productId" = $1 ORDER BY since DESC, id DESC LIMIT $2`,
      [productId, POINTS],
    )
    return points.length === 0 ? undefined : points
  }
}
