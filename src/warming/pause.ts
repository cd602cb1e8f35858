import type { Clock } from '../contracts/clock.ts'

/** Resolves after `delayMs`, or as soon as `signal` aborts; whoever waits looks at the signal. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = (): void => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.schedule(delayMs, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
