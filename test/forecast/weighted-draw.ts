/** Draws by weight, for the popularity of keys. */

import type { SeededRandom } from '../../src/testing/seeded-random.ts'

/** Places from 0 on, each with a chance proportional to its weight. */
export class WeightedDraw {
  readonly #random: SeededRandom
  readonly #upTo: Float64Array
  readonly #total: number

  constructor(random: SeededRandom, weights: readonly number[]) {
    this.#random = random
    this.#upTo = new Float64Array(weights.length)
    let total = 0
    for (const [place, weight] of weights.entries()) {
      total += weight
      this.#upTo[place] = total
    }
    this.#total = total
  }

  next(): number {
    const sought = this.#random.next() * this.#total
    let low = 0
    let high = this.#upTo.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#upTo[middle] ?? 0) > sought) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** Weights by Zipf's law: 1 / rank^`skew`. */
export function zipfWeights(count: number, skew: number): number[] {
  return Array.from({ length: count }, (_, rank) => (rank + 1) ** -skew)
}
