/** Something to be done again and again, never twice at once, until it is stopped. */

import type { Clock } from '../contracts/clock.ts'
import type { Random } from '../contracts/random.ts'

/** Share of the interval by which instances are kept out of step. */
const SPREAD = 0.2
/** Of the interval, after work that has taken longer than all of it. */
const LEAST_REST = 0.1

export interface RepeatedWork {
  readonly clock: Clock
  readonly random: Random
  /** From one beginning to the next. */
  readonly everyMs: number
  readonly signal: AbortSignal
  /** Never rejects. */
  readonly work: () => Promise<void>
  /** Owns what is under way. */
  readonly own: (work: Promise<void>) => void
}

export function repeat({ clock, random, everyMs, signal, work, own }: RepeatedWork): void {
  let cancel = (): void => {}
  const arm = (tookMs: number): void => {
    if (signal.aborted) return
    // Never later than asked for, since what is to be renewed is chosen by that time.
    const delayMs = Math.max(everyMs * LEAST_REST, everyMs * (1 - SPREAD * random.next()) - tookMs)
    cancel = clock.schedule(delayMs, begin, 'upkeep')
  }
  const begin = (): void => {
    const beganAt = clock.monotonic()
    own(work().finally(() => arm(clock.monotonic() - beganAt)))
  }
  arm(0)
  signal.addEventListener('abort', () => cancel(), { once: true })
}
