/**
 * What runs next to the file: synchronous code, in a worker thread or on the caller's own.
 *
 * Implemented by `TierEngine` and `DatabaseEngine`; hosted by `sqlite-worker.ts` and by
 * `InlineTransport`.
 */

import type { CallOutcome, Fault } from './call-outcome.ts'

export interface SqliteEngine {
  /** Why the file is not open just now. What can be mended is tried again by `run` and `work`. */
  readonly fault: Fault | undefined
  /** Carries out the calls of one tick and answers in their order. Never throws. */
  run(calls: readonly unknown[]): readonly CallOutcome[]
  /**
   * Does one slice of what can wait and answers how many milliseconds the next may wait;
   * `undefined`: there is never any. Never throws.
   */
  work(): number | undefined
  /**
   * Whether another connection has written since this was asked last; `true` once of a file that was
   * just opened. Never throws.
   */
  changed(): boolean
  /** Writes down what is still in memory and closes the file. Safe to call twice. */
  close(): void
}
