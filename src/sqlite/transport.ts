/** The way to an engine. Implemented by `WorkerTransport` and `InlineTransport`; used by `CallQueue`. */

import type { CallOutcome, Fault } from './call-outcome.ts'

export interface Transport {
  /**
   * Answers as soon as the file is open, or was found not to be: with the reason then. Asked again, it
   * answers as things are by then: what cannot be opened is tried again. Never rejects.
   */
  opened(): Promise<Fault | undefined>
  /** Runs `task` when the current tick has asked for all it wants. */
  defer(task: () => void): void
  /**
   * From now on `heard` is called soon after another process has written to the file. Of an engine on
   * the caller's own thread it never is: looking at the file again and again is not for a simulation.
   */
  listen(heard: () => void): void
  /** Carries the calls of one tick. Never rejects: a broken way is a fault of each call. */
  send(calls: readonly unknown[]): Promise<readonly CallOutcome[]>
  /** After what was sent before has been answered. Never rejects, also when called twice. */
  close(): Promise<void>
}
