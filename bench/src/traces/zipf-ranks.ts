/** Ranks by Zipf's law, for generated traces and for the benchmarks' reads. */

/**
 * Draws ranks from 0 to `count` - 1, rank r with a chance proportional to 1 / (r + 1)^`skew`.
 *
 * The cumulative chances are held (8 bytes a rank) and searched, so every skew from 0 (uniform) on
 * is exact. `random` answers numbers from 0 to 1.
 */
export function zipfRanks(count: number, skew: number, random: () => number): () => number {
  const upTo = new Float64Array(count)
  let total = 0
  for (let rank = 0; rank < count; rank += 1) {
    total += (rank + 1) ** -skew
    upTo[rank] = total
  }
  return () => firstAbove(upTo, random() * total)
}

/** The first place whose value is above `sought`; the last one if rounding left none. */
function firstAbove(ascending: Float64Array, sought: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] ?? 0) > sought) high = middle
    else low = middle + 1
  }
  return low
}
