/** A lock over processes, as its holder has it. */

import type { Duration } from './options.ts'

/** Held until it is released, or until it is lost. */
export interface Lock extends AsyncDisposable {
  readonly names: readonly string[]
  /** Greater than that of every lock of this cache granted before. */
  readonly token: bigint
  /** Aborts when the lock is lost: not renewed in time, or taken away. */
  readonly signal: AbortSignal
  /**
   * A new expiry from now. `false`: it was lost, or the tier did not answer; then it counts as held for
   * the shorter of its two lives. `signal` tells when it is over.
   */
  extend(ttl?: Duration): Promise<boolean>
  /** Safe to call twice, and after it was lost. */
  release(): Promise<void>
}
