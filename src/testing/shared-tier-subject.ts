/** What the cases of `sharedTierSuite` are run on. */

import type { SharedSession } from '../contracts/shared-tier.ts'
import type { SlowSteps } from './shared-slow-steps.ts'

export interface SharedTierSubject {
  /**
   * Opens one more session on the tier, which is empty at first. Sessions of one name share their
   * entries, as processes would. Who made the subject closes them when the case has ended.
   * @default name 'suite'
   */
  open(name?: string): SharedSession
  /** Moves the clock that the tier takes for the server's. Asked only where `settable-clock` is needed. */
  advance(ms: number): Promise<void>
  /** Whether plain reads judge entries by tags, floors and patterns, or leave that to the reader. */
  readonly judgesReads: boolean
  /** One more session, of which a request can be kept on its way. Asked only where `slow-steps` is needed. */
  openSlow(): SlowSession
  /**
   * Resolves when every session has heard what was told so far. Asked only of tiers whose sessions
   * have `hints: 'exact'`.
   */
  heard(): Promise<void>
}

/** A session of which a request can be kept on its way to the tier. */
export interface SlowSession extends Omit<SlowSteps<unknown>, 'contract'> {
  readonly session: SharedSession
}
