/** How long to wait before something is tried again: exponentially longer, with full jitter. */

import type { Random } from '../contracts/random.ts'

export interface BackoffBounds {
  readonly leastMs: number
  readonly mostMs: number
}

/**
 * A time between 0 and the bound of this try, since those who failed together must not try together
 * again (M. Brooker, "Exponential Backoff and Jitter", 2015), but never under `leastMs`.
 *
 * `failures`: how often it has failed in a row, from 1 on.
 */
export function backoffMs(
  failures: number,
  { leastMs, mostMs }: BackoffBounds,
  random: Random,
): number {
  const bound = Math.min(mostMs, leastMs * 2 ** Math.min(failures, 30))
  return Math.max(leastMs, Math.ceil(random.next() * bound))
}
