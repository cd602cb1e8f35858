/** How long a message is on its way, or a short piece of work takes. */

import type { SeededRandom } from '../../src/testing/seeded-random.ts'

/** @returns milliseconds: about one, now and then up to fifty. */
export function shortDelay(random: SeededRandom): number {
  const share = random.next()
  return share < 0.9 ? 0.2 + 2 * share : 50 * random.next()
}
