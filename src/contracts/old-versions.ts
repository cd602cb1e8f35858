/** Removing entries of older versions of their values from the shared tier (V2). */

import type { Duration } from './options.ts'

/** Values whose shape has a version. */
export interface Versioned {
  /**
   * Removes entries of older versions from the shared tier, by walking it at a pace; never newer ones. One
   * instance at a time; what was stopped goes on where it was for an hour. Told by `old-versions` events.
   *
   * @throws TierError where the tier does not answer; ArgumentError; ClosedError.
   */
  removeOldVersions(options?: RemoveOldVersionsOptions): Promise<OldVersionsReport>
}

/**
 * `keep`: until they end by themselves or are replaced. `remove`: removed in the background some time after
 * the start, when instances of the older release are gone.
 */
export type OldVersions =
  | 'keep'
  | 'remove'
  | {
      /** After the start, and between two tries of what was stopped. @default '15m' */
      readonly removeAfter?: Duration
      /** Entries looked at in a second. @default 1000 */
      readonly perSecond?: number
    }

export interface RemoveOldVersionsOptions {
  /** Entries of versions below this one go; at most the version in use, which is the default. */
  readonly below?: number | undefined
  /** Entries looked at in a second; 1 to 100,000. @default 1000 */
  readonly perSecond?: number | undefined
  /** Stops the walk; it may be gone on with later. */
  readonly signal?: AbortSignal | undefined
}

/** What came of removing old versions, with what was done before it was interrupted. */
export interface OldVersionsReport {
  /**
   * `done`: all was walked. `elsewhere`: another instance is at it, and nothing was done. `stopped`: by the
   * signal, by `close`, or since another instance may have taken over.
   */
  readonly state: 'done' | 'elsewhere' | 'stopped'
  readonly scanned: number
  readonly removed: number
  /** Of later versions, left alone. */
  readonly newer: number
  readonly durationMs: number
}
