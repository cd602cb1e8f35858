/** Which product is asked for next. Used by the load, and by the judge for those that it changes itself. */

import { seededRandom } from '../traces/seeded-random.ts'
import { zipfRanks } from '../traces/zipf-ranks.ts'

/** Has no divisor in common with any number of products that ends in zeros. */
const STRIDE = 7_919
/** One of so many ranks belongs to the judge, the first of them among the most popular. */
const JUDGED_EACH = 50
const FIRST_JUDGED = 3

/** The id of the product of a rank: popular ones are spread over all ids, and so over all pages. */
export function productOfRank(rank: number, products: number): number {
  return ((rank * STRIDE) % products) + 1
}

/** Products that only the judge changes, while everybody reads them. */
export function judgedProducts(products: number): readonly number[] {
  const ranks = Math.min(products, JUDGED_EACH * 20)
  const judged: number[] = []
  for (let rank = FIRST_JUDGED; rank < ranks; rank += JUDGED_EACH) {
    judged.push(productOfRank(rank, products))
  }
  return judged
}

/** Draws ids by Zipf's law; the same seed draws the same ones. */
export function drawProducts(options: {
  readonly products: number
  readonly skew: number
  readonly seed: number
}): { readonly product: () => number; readonly chance: () => number } {
  const chance = seededRandom(options.seed)
  const rank = zipfRanks(options.products, options.skew, chance)
  return { product: () => productOfRank(rank(), options.products), chance }
}
