/** Noise of known shapes from a seeded source. */

import type { SeededRandom } from '../../src/testing/seeded-random.ts'

/** Normal, mean 0 and deviation 1 (Box and Muller). */
export function normal(random: SeededRandom): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()))
  return radius * Math.cos(2 * Math.PI * random.next())
}

/** A factor round 1, as often above as below. `spread` 0.2 is about ± 20 %. */
export function factor(random: SeededRandom, spread: number): number {
  return Math.exp(spread * normal(random))
}

/** How often something happens that happens `mean` times on average: Poisson, nearly. */
export function occurrences(random: SeededRandom, mean: number): number {
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
}

/** Puts `places` into any order. */
export function shuffle(random: SeededRandom, places: Uint32Array): void {
  for (let last = places.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    const moved = places[last] ?? 0
    places[last] = places[other] ?? 0
    places[other] = moved
  }
}
