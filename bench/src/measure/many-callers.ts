/** Many callers at once, each waiting for its answer before it asks again. Called by the suite `write`. */

import { setTimeout as pause } from 'node:timers/promises'

export interface ManyCallers {
  readonly callers: number
  readonly ms: number
  readonly call: () => Promise<unknown>
}

/** As fast as they are answered; calls a second. */
export async function callRate({ callers, ms, call }: ManyCallers): Promise<number> {
  const startedAt = performance.now()
  const end = startedAt + ms
  let answered = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      await call()
      answered += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return (answered * 1000) / (performance.now() - startedAt)
}

/**
 * At `rate` calls a second; the wait of each in milliseconds, ascending. Counted from when a call was
 * due, so that whoever cannot keep the pace has the queue before it in its waits.
 *
 * Nothing is asked any more after twice the time, so what falls behind further looks better than it is.
 */
export async function pacedWaits(
  { callers, ms, call }: ManyCallers,
  rate: number,
): Promise<readonly number[]> {
  const waits: number[] = []
  const startedAt = performance.now()
  const end = startedAt + 2 * ms
  const count = Math.ceil((rate * ms) / 1000)
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < count && performance.now() < end) {
      const due = startedAt + (next * 1000) / rate
      next += 1
      const early = due - performance.now()
      if (early > 0) await pause(early)
      await call()
      waits.push(performance.now() - due)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return waits.toSorted((a, b) => a - b)
}
