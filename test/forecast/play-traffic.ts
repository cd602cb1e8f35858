/** Plays traffic through a cache that is warmed at the start of each hour, and counts what it is worth. */

import { CacheModel } from './cache-model.ts'
import { PARTS_AN_HOUR, type TrafficHour } from './traffic.ts'

/** Names, before an hour begins, what to warm for it. */
export interface Warmer {
  /** Best first. What is fresh is passed over, and no more is taken than may be loaded. */
  rank(hour: TrafficHour, freshUntil: (key: number) => number): Iterable<number>
  /** Is told of every read. */
  note?(key: number): void
  /** Is told the time, in hours, before each part of an hour; before `rank` where both are due. */
  tick?(now: number): void
}

/**
 * The cache that is warmed. An entry lives ten minutes, and ten minutes are what is called the start
 * of an hour: as far as one warming can reach. A
 * warming may load as much as is missed at the start of a busy hour without one.
 *
 * Chosen before there was a forecaster, by looking at none, at the clairvoyant and at the traffic.
 */
export const setting = { life: 1 / 6, loads: 2000 } as const

/** The start of an hour is its first part. */
export interface PlayedHour {
  readonly hour: number
  /** In the first part of the hour. */
  readonly reads: number
  readonly hits: number
  /** In the whole hour, with those of the warming. */
  readonly loads: number
  readonly warmed: number
}

export function playTraffic(
  traffic: Iterable<TrafficHour>,
  warmer: Warmer,
  { life, loads }: { readonly life: number; readonly loads: number } = setting,
): PlayedHour[] {
  const cache = new CacheModel(life)
  const played: PlayedHour[] = []
  for (const current of traffic) {
    const { hour, parts } = current
    const before = cache.loads
    const startEnds = hour + 1 / PARTS_AN_HOUR
    warmer.tick?.(hour)
    for (const key of warmer.rank(current, (sought) => cache.freshUntil(sought))) {
      // What stays fresh for all of the start would gain nothing by a load.
      if (cache.freshUntil(key) >= startEnds) continue
      cache.load(key, hour)
      if (cache.loads - before >= loads) break
    }
    const warmed = cache.loads - before
    let hits = 0
    for (const [part, reads] of parts.entries()) {
      if (part > 0) warmer.tick?.(hour + part / PARTS_AN_HOUR)
      for (const [place, key] of reads.entries()) {
        const now = hour + (part + place / reads.length) / PARTS_AN_HOUR
        if (cache.read(key, now) && part === 0) hits += 1
        warmer.note?.(key)
      }
    }
    const reads = parts[0]?.length ?? 0
    played.push({ hour, reads, hits, loads: cache.loads - before, warmed })
  }
  return played
}

/** Warms nothing. */
export const noWarmer: Warmer = { rank: () => [] }

/** Knows what will be read, and when: no warming of the same budget gains more hits in the start. */
export const clairvoyant: Warmer = {
  rank: ({ hour, parts: [start = new Uint32Array()] }, freshUntil) => {
    const missed = new Set<number>()
    for (const [place, key] of start.entries()) {
      if (freshUntil(key) <= hour + place / start.length / PARTS_AN_HOUR) missed.add(key)
    }
    return missed
  },
}
