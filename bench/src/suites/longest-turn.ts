/** The longest turn of the event loop while something is under way. Called by the suites. */

import { setTimeout as pause } from 'node:timers/promises'

const settleMs = 5

/**
 * Milliseconds, of the turns while `work` is under way. Timed by hand: the platform's monitor misses a
 * turn that lasts as long as the work.
 */
export async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = performance.now()
  const look = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const watch = setInterval(look, 1)
  await work()
  await pause(settleMs)
  look()
  clearInterval(watch)
  return longest
}
