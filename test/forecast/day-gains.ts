/** What a warming is worth, day by day: hits at the start of the hours, beside none and the clairvoyant. */

import type { PlayedHour } from './play-traffic.ts'

export interface DayGain {
  readonly day: number
  /** Shares of the reads at the start of the day's hours, in percent. */
  readonly none: number
  readonly clairvoyant: number
  readonly warmed: number
  /** Points over none. */
  readonly gain: number
  /** The gain as a share of the clairvoyant's. */
  readonly share: number
}

const HOURS_A_DAY = 24

export function dayGains(played: {
  readonly none: readonly PlayedHour[]
  readonly clairvoyant: readonly PlayedHour[]
  readonly warmed: readonly PlayedHour[]
}): DayGain[] {
  return Array.from({ length: Math.floor(played.none.length / HOURS_A_DAY) }, (_, at) => {
    const [from, to] = [at * HOURS_A_DAY, (at + 1) * HOURS_A_DAY]
    const none = hitRate(played.none.slice(from, to))
    const clairvoyant = hitRate(played.clairvoyant.slice(from, to))
    const warmed = hitRate(played.warmed.slice(from, to))
    const gain = warmed - none
    return { day: at + 1, none, clairvoyant, warmed, gain, share: gain / (clairvoyant - none) }
  })
}

export function loadsOf(played: readonly PlayedHour[]): number {
  return played.reduce((sum, { loads }) => sum + loads, 0)
}

/** In percent. */
export function hitRate(played: readonly PlayedHour[]): number {
  const reads = played.reduce((sum, hour) => sum + hour.reads, 0)
  return (100 * played.reduce((sum, { hits }) => sum + hits, 0)) / Math.max(1, reads)
}
