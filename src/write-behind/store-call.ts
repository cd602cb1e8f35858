/** One call of a store, or of what merges for it, for so long and no longer. */

import type { Clock } from '../contracts/clock.ts'
import { StoreAwayError } from './apply-batch.ts'

/** @throws StoreAwayError; whatever the call throws. */
export async function storeCall<T>(
  clock: Clock,
  mostMs: number,
  call: (signal: AbortSignal) => Promise<T> | T,
  who?: string,
): Promise<T> {
  const controller = new AbortController()
  return await new Promise((resolve, reject) => {
    const late = (): void => {
      const error = new StoreAwayError(mostMs, who)
      controller.abort(error)
      reject(error)
    }
    const cancel = clock.schedule(mostMs, late)
    const run = async (): Promise<T> => await call(controller.signal)
    run().then(resolve, reject).finally(cancel)
  })
}
