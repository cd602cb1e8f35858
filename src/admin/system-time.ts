import type { Clock } from '../contracts/clock.ts'

/** The time of the platform. No delay here is longer than a day. */
export class SystemTime implements Clock {
  now(): number {
    return Date.now()
  }

  monotonic(): number {
    return performance.now()
  }

  schedule(delayMs: number, task: () => void, purpose?: 'awaited' | 'upkeep'): () => void {
    const timer = setTimeout(task, delayMs)
    if (purpose === 'upkeep') timer.unref()
    return () => clearTimeout(timer)
  }
}
