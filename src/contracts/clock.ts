/**
 * Where the library takes time from. The engine never reads the platform's clocks or timers itself,
 * so a test or a simulation can drive every wait.
 *
 * Implemented by `SystemClock` (memory/), `FakeClock` and `SeededScheduler` (testing/).
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. For people and for other machines, never for order. */
  now(): number
  /** Milliseconds from a fixed point in this process, never going back. For deadlines and ages. */
  monotonic(): number
  /**
   * Runs `task` once, `delayMs` from now, unless the returned function is called first.
   *
   * A delay of 0 means "when what is running now has come to rest": everything that was asked for
   * in the same turn of the event loop has then been asked for. Batches are closed by it.
   *
   * `awaited`: somebody waits for it, so the process stays alive until it has run. `upkeep`: nobody
   * does, and a process that has nothing else to do ends. Not said: `awaited`.
   */
  schedule(delayMs: number, task: () => void, purpose?: 'awaited' | 'upkeep'): () => void
  /**
   * Runs `task` as soon as all that follows from what is running now has been asked for, without a turn
   * of the event loop in between: what has been received meanwhile waits. Absent: `schedule(0)` is used.
   */
  defer?(task: () => void): void
}
