/**
 * The keys that were read most, kept by the shared tier for the next start: a list with a bound, into
 * which each instance mixes its own every few minutes and when it is closed.
 */

import type { CacheKey } from '../contracts/source.ts'
import type { HotRow, WarmTarget } from '../contracts/warm-target.ts'

/** Keys in the list, and characters of all keys that are text together. */
export const MOST_HOTTEST = 1_000
const MOST_CHARACTERS = 262_144
/** What the list knows fades by half each time it is mixed, unless somebody still reads it. */
const FADING = 0.5

/** @throws TierError */
export async function rememberHottest(target: WarmTarget): Promise<void> {
  const own = target.hotKeys?.top(MOST_HOTTEST) ?? []
  // Nothing was read here: that must not wear down what others know.
  if (own.length === 0) return
  await target.remember(mixed(await target.recall(), own))
}

export function mixed(before: readonly HotRow[], own: readonly HotRow[]): readonly HotRow[] {
  const reads = new Map<CacheKey, number>()
  for (const row of before) reads.set(row.key, row.reads * FADING)
  for (const row of own) reads.set(row.key, Math.max(row.reads, reads.get(row.key) ?? 0))
  const rows = Array.from(reads, ([key, count]) => ({ key, reads: count }))
  rows.sort((a, b) => b.reads - a.reads)
  let characters = 0
  return rows.slice(0, MOST_HOTTEST).filter(({ key }) => {
    characters += typeof key === 'string' ? key.length : 0
    return characters <= MOST_CHARACTERS
  })
}
