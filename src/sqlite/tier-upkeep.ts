/**
 * What a tier's file needs beside its calls: sweeping, shrinking, times of reading. A slice at a
 * time, each short, so that calls never wait long behind one. Called by `TierEngine` only.
 */

import type { TierFile } from './tier-file.ts'

/** Time between the end of one sweep and the next. */
const SWEEP_EVERY_MS = 60_000
/** Between two slices of work: slices take a tenth of the thread's time at most. */
const PAUSE_MS = 20
/** Rows in a slice, which keeps it under 5 ms. */
const SLICE = 250

export class TierUpkeep {
  readonly idleMs: number
  #cursor: string | undefined
  #sweepAt = 0

  constructor(idleMs: number) {
    this.idleMs = idleMs
  }

  /**
   * Does one slice and answers how long to wait with the next. `write` runs a step in a transaction
   * and tells whether it was carried out; where it was not, the next turn tries again.
   */
  work(file: TierFile, now: number, write: (step: () => void) => boolean): number {
    if (file.rows.size.exceeded) {
      let removed = 0
      const shrink = (): void => {
        removed = file.rows.size.shrink()
      }
      if (!write(shrink)) return this.idleMs
      // What waits for the source is never removed, and may be all that there is.
      if (removed > 0) return PAUSE_MS
    }
    if (file.rows.entries.owes) {
      return write(() => file.rows.entries.writeDown(SLICE)) ? PAUSE_MS : this.idleMs
    }
    if (now >= this.#sweepAt) {
      if (!write(() => this.#sweep(file, now))) return this.idleMs
      return PAUSE_MS
    }
    return this.idleMs
  }

  #sweep(file: TierFile, now: number): void {
    if (this.#cursor === undefined) file.mark.renew()
    this.#cursor = file.shard.sweep(this.#cursor, SLICE)
    if (this.#cursor !== undefined) return
    this.#sweepAt = now + SWEEP_EVERY_MS
    file.counts.heal()
    file.giveBack()
  }
}
