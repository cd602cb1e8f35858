/** How good a list of keys was, by what was read. Called by `forecaster.ts`. */

import type { CacheKey } from '../contracts/source.ts'
import type { ForecastScore } from './forecast-judge.ts'
import type { HeavyHitters, HotKey } from './heavy-hitters.ts'

/** `best` is the list that would have met the most reads, with as many keys as may be loaded. */
export function scoreList<K extends CacheKey>(
  list: readonly K[],
  best: readonly HotKey<K>[],
  counts: HeavyHitters<K>,
): ForecastScore {
  let read = 0
  let met = 0
  for (const key of list) {
    const reads = counts.reads(key)
    if (reads >= 1) read += 1
    met += reads
  }
  const possible = best.reduce((sum, { reads }) => sum + reads, 0)
  return {
    precision: list.length === 0 ? 0 : read / list.length,
    recall: possible === 0 ? 0 : Math.min(1, met / possible),
  }
}
