/** How long to wait before a server is tried again. Used by whatever tries without end. */

import type { Random } from '../../contracts/random.ts'

const FIRST_MS = 50
const LONGEST_MS = 1000

/** Doubling from 50 ms to 1 s; between half of it and all of it, so that a fleet does not come at once. */
export function retryDelayMs(failures: number, random: Random): number {
  const wholeMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10))
  return wholeMs * (0.5 + random.next() / 2)
}
