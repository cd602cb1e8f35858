/** One call of a store, or of what merges for it, for so long and no longer. */

import type { Clock } from '../contracts/clock.ts'
import { StoreAwayError } from './apply-batch.ts'

export interface StoreCallParts {
  readonly clock: Clock
  readonly mostMs: number
  /** Aborted: nobody waits any longer, and nobody knows what the store has done. */
  readonly ending: AbortSignal
  /** Who is asked, in messages; the store, unless it is said. */
  readonly who?: string
}

/** @throws StoreAwayError; the reason of `ending`; whatever the call throws. */
export async function storeCall<T>(
  { clock, mostMs, ending, who }: StoreCallParts,
  call: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  ending.throwIfAborted()
  const controller = new AbortController()
  return await new Promise((resolve, reject) => {
    const giveUp = (error: unknown): void => {
      controller.abort(error)
      reject(error)
    }
    const end = (): void => giveUp(ending.reason)
    const cancel = clock.schedule(mostMs, () => giveUp(new StoreAwayError(mostMs, who)))
    ending.addEventListener('abort', end, { once: true })
    const run = async (): Promise<T> => await call(controller.signal)
    run()
      .then(resolve, reject)
      .finally(() => {
        cancel()
        ending.removeEventListener('abort', end)
      })
  })
}
