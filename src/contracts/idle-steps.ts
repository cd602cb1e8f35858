/**
 * What nobody reads any more, as atomic steps of the shared tier: noting reads, and removing entries
 * that were not read for long.
 *
 * A read writes nothing. Who has read an entry notes it later, with many others, and at most once for
 * each `everyMs` of an entry, whoever reads it: the time that is noted travels with the entry. An entry
 * that was never noted counts from when it was stored. Only `core/` calls the steps; the rules behind
 * the words are in `docs/concepts/idle-entries.md`. Defined by `sharedTierSuite`.
 */

import type { SharedKey } from './shared-key.ts'

/** A collection with how long its entries stay without being read. */
export interface IdleSpan {
  /** Empty: plain keys. */
  readonly collection: string
  readonly afterMs: number
}

export interface SweepIdleRequest {
  /** Of the lock that the clean-up holds. */
  readonly token: number
  /** Where the slice before it ended; `undefined`: it is the first. */
  readonly cursor: string | undefined
  /** Keys that are looked at, more or less. */
  readonly limit: number
  /** Entries of other collections are neither looked at nor counted. */
  readonly spans: readonly IdleSpan[]
}

export type SweepIdleAnswer =
  | {
      readonly kind: 'swept'
      /** Values found, those that were removed among them; one may be found twice. */
      readonly looked: number
      readonly removed: number
      /** Of the values removed, as they were kept. */
      readonly removedBytes: number
      readonly cursor: string | undefined
    }
  /** A clean-up with a greater token has begun: nothing more was done. */
  | { readonly kind: 'overtaken' }

/** What a clean-up leaves behind, for the one after it. */
export interface CleanUpNote {
  readonly token: number
  /** The engine's own; the tier never looks inside. */
  readonly text: string
}

/** @throws TierError from every step if the tier cannot be asked. */
export interface IdleSteps {
  /**
   * Notes that entries were read just now, if that was not noted within `everyMs`; keys without a value
   * are left out. Changes no life, no number, and is told to nobody.
   */
  note(keys: readonly SharedKey[], everyMs: number): Promise<void>
  /**
   * From now on slices of smaller tokens remove nothing, in any shard. Answers what was saved last.
   */
  begin(token: number): Promise<CleanUpNote | undefined>
  /**
   * One slice: removes values that were not read for as long, each looked at and removed in one step.
   * Writes to the source that are under way, or wait, are left alone. It is no change of the values, so
   * it has no number, and copies elsewhere stay.
   */
  sweep(request: SweepIdleRequest): Promise<SweepIdleAnswer>
  /** `false`: one with a greater token has saved; nothing was. */
  save(note: CleanUpNote): Promise<boolean>
}
