/** Where numbers begin that must lie above all that were given out before, known or lost. */

import type { Random } from '../contracts/random.ts'

const LEAST_JUMP = 2 ** 20
/** Larger ones come from nobody who counts microseconds; the numbers after them would not be exact. */
const HIGHEST = 2 ** 52

export interface FirstNumberRequest {
  /** The server's wall clock, epoch milliseconds. */
  readonly now: number
  /** The highest number that is still known. */
  readonly highest: number
  readonly random: Random
}

/**
 * Microseconds of the clock, or what is known if that is more, and a jump that no clock is off by.
 * Shards count changes and locks count grants, and neither can have a million of them in a second.
 */
export function firstNumber({ now, highest, random }: FirstNumberRequest): number {
  const known = highest < HIGHEST ? highest : 0
  const least = Math.max(Math.floor(now) * 1000, known)
  return least + LEAST_JUMP + Math.floor(random.next() * LEAST_JUMP)
}
