/** Something to be done again and again, each time after the last has ended, until it is stopped. */

import type { Clock } from '../contracts/clock.ts'
import type { Random } from '../contracts/random.ts'

/** Share of the interval by which instances are kept out of step. */
const SPREAD = 0.2

export interface RepeatedWork {
  readonly clock: Clock
  readonly random: Random
  readonly everyMs: number
  readonly signal: AbortSignal
  /** Never rejects. */
  readonly work: () => Promise<void>
  /** Owns what is under way. */
  readonly own: (work: Promise<void>) => void
}

export function repeat({ clock, random, everyMs, signal, work, own }: RepeatedWork): void {
  let cancel = (): void => {}
  const arm = (): void => {
    if (signal.aborted) return
    // Never later than asked for, since what is to be renewed is chosen by that time.
    const delayMs = everyMs * (1 - SPREAD * random.next())
    cancel = clock.schedule(delayMs, () => own(work().finally(arm)), 'upkeep')
  }
  arm()
  signal.addEventListener('abort', () => cancel(), { once: true })
}
