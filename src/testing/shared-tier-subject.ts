/** What the cases of `sharedTierSuite` are run on. */

import type { SharedSession } from '../contracts/shared-tier.ts'

export interface SharedTierSubject {
  /**
   * Opens one more session on the tier, which is empty at first. Sessions of one name share their
   * entries, as processes would. Who made the subject closes them when the case has ended.
   * @default name 'suite'
   */
  open(name?: string): SharedSession
  /** Moves the clock that the tier takes for the server's. Asked only where `settable-clock` is needed. */
  advance(ms: number): Promise<void>
}
