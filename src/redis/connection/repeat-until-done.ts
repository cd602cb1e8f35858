/** Tries something until it succeeds, with growing pauses. Used to find a cluster. */

import type { Clock } from '../../contracts/clock.ts'
import type { Random } from '../../contracts/random.ts'
import { retryDelayMs } from './retry-delay.ts'

export interface Repetition {
  readonly clock: Clock
  readonly random: Random
  /** Answers whether it is done; never rejects. */
  readonly attempt: () => Promise<boolean>
}

/** Begins at once; the answer ends it. */
export function repeatUntilDone({ clock, random, attempt }: Repetition): () => void {
  let ended = false
  let cancel = (): void => {}
  const run = async (failures: number): Promise<void> => {
    const done = await attempt()
    if (done || ended) return
    cancel = clock.schedule(retryDelayMs(failures, random), () => void run(failures + 1), 'upkeep')
  }
  void run(0)
  return () => {
    ended = true
    cancel()
  }
}
