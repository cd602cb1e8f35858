/** A promise with a time budget. */

import type { Clock } from '../contracts/clock.ts'

/**
 * What `work` settles with, or what `late` makes once `budgetMs` are over. The work goes on; its
 * later outcome is dropped. `purpose` is that of `Clock.schedule`.
 */
export function within<T>(
  clock: Clock,
  budgetMs: number,
  work: Promise<T>,
  late: () => Error,
  purpose: 'awaited' | 'upkeep' = 'awaited',
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(budgetMs, () => reject(late()), purpose)
    work.then(
      (value) => {
        cancel()
        resolve(value)
      },
      (error: unknown) => {
        cancel()
        reject(error)
      },
    )
  })
}
