/** A wait that keeps the process alive: what is tried again meanwhile is upkeep, which would let it end. */

import type { Clock } from '../contracts/clock.ts'

const HOLD_MS = 1_000

/** What `wait` settles with. */
export async function awake<T>(clock: Clock, wait: () => Promise<T>): Promise<T> {
  let release = (): void => {}
  const hold = (): void => {
    release = clock.schedule(HOLD_MS, hold)
  }
  hold()
  try {
    return await wait()
  } finally {
    release()
  }
}
