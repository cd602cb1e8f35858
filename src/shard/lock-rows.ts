/** What `LockEngine` stands on: the locks of one cache. Implemented as `ShardRows` are. */

import type { CleanUpNote } from '../contracts/idle-steps.ts'

export interface HeldLock {
  readonly owner: string
  readonly token: number
  /** On the host's clock. */
  readonly expiresAt: number
}

export interface LockRows {
  /** The token given out last; `undefined`: none is known. */
  lockSequence(): number | undefined
  saveLockSequence(sequence: number): void
  /** Also those that have ended by themselves. */
  locksOf(names: readonly string[]): ReadonlyMap<string, HeldLock>
  putLocks(names: readonly string[], lock: HeldLock): void
  removeLocks(names: readonly string[]): void
  /** What the last clean-up has left, which is under a lock. */
  cleanUp(): CleanUpNote | undefined
  putCleanUp(note: CleanUpNote): void
  /** Removes locks that ended before `tick`, at most `limit`. */
  sweepLocks(tick: number, limit: number): void
}
