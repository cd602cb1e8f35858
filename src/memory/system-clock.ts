/** The platform's time. Made once by `create-cache.ts`, where no other clock was given. */

import type { Clock } from '../contracts/clock.ts'

/** Longer delays overflow the platform's timers, which then fire at once; they are waited in parts. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Whoever awaits a timeout must get it, also in a script that has nothing else to do; only upkeep lets
 * the process end.
 */
export class SystemClock implements Clock {
  now(): number {
    return Date.now()
  }

  monotonic(): number {
    return performance.now()
  }

  schedule(
    delayMs: number,
    task: () => void,
    purpose: 'awaited' | 'upkeep' = 'awaited',
  ): () => void {
    if (delayMs <= 0) {
      const immediate = setImmediate(task)
      return () => clearImmediate(immediate)
    }
    if (delayMs === Number.POSITIVE_INFINITY) return () => {}
    return afterLong(delayMs, task, purpose)
  }

  /** Ticks run once all continuations of promises have. */
  defer(task: () => void): void {
    queueMicrotask(() => process.nextTick(task))
  }
}

function afterLong(delayMs: number, task: () => void, purpose: 'awaited' | 'upkeep'): () => void {
  let left = delayMs
  let timer: NodeJS.Timeout
  const wait = (): void => {
    const part = Math.min(left, LONGEST_TIMER_MS)
    left -= part
    timer = setTimeout(left > 0 ? wait : task, part)
    if (purpose === 'upkeep') timer.unref()
  }
  wait()
  return () => clearTimeout(timer)
}
