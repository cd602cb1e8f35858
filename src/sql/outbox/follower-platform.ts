/** What a follower takes from the machine; given by tests, which drive it. */

import type { Clock } from '../../contracts/clock.ts'
import { TierError } from '../../contracts/errors.ts'
import type { Random } from '../../contracts/random.ts'

export interface FollowerPlatform {
  readonly clock?: Pick<Clock, 'monotonic' | 'schedule'>
  readonly random?: Pick<Random, 'next'>
}

/** No wait here is longer than a timer can be. */
export const machineClock: Pick<Clock, 'monotonic' | 'schedule'> = {
  monotonic: () => performance.now(),
  schedule(delayMs, task, purpose) {
    const timer = setTimeout(task, delayMs)
    if (purpose === 'upkeep') timer.unref()
    return () => clearTimeout(timer)
  },
}

export const machineRandom: Pick<Random, 'next'> = { next: () => Math.random() }

/** From `leastMs` to a bound that doubles with each failure, at random: those who failed together part. */
export function backoffMs(
  failures: number,
  { leastMs, mostMs }: { readonly leastMs: number; readonly mostMs: number },
  random: Pick<Random, 'next'>,
): number {
  const bound = Math.min(mostMs, leastMs * 2 ** Math.min(failures, 30))
  return Math.max(leastMs, Math.ceil(random.next() * bound))
}

/** @throws `late()` if `work` takes longer; what becomes of it then concerns nobody. */
export async function within<T>(
  clock: Pick<Clock, 'schedule'>,
  ms: number,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const cancel = clock.schedule(ms, () => reject(late()))
  try {
    return await Promise.race([work, promise])
  } finally {
    cancel()
    work.catch(() => {})
  }
}

export function late(ms: number): Error {
  return new TierError('source', `The database did not answer within ${ms} ms.`)
}
