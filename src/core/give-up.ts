/**
 * A call of the source that never settles is given up, or it would keep its place in the source's limit for
 * ever: a source that has hung for a while would be asked nothing any more.
 */

import type { Clock } from '../contracts/clock.ts'

/** Unless whoever asks is ready to wait longer. */
export const PATIENCE_MS = 60_000

export interface GiveUp {
  readonly clock: Clock
  readonly afterMs: number
  /** What the call rejects with then; is made once. */
  readonly late: () => Error
}

/** The call may go on; what it comes to is dropped. Holds no process up. */
export function givenUp<T>({ clock, afterMs, late }: GiveUp, call: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(afterMs, () => reject(late()), 'upkeep')
    call().then(
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
