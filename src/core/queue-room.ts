/**
 * How much may wait in each shard of a collection, as its writers ask for it: the whole bound, or, once it
 * was reached, the low water below it until there is room under that.
 *
 * Without the distance between the two, a queue that is full lets one writer in for each write that leaves,
 * and every one of them finds it full (WB-9). What is known here are the answers that this instance got: an
 * instance that has not met the full queue may fill it up to the bound.
 */

import type { EnqueueAnswer, QueueBound } from '../contracts/pending-steps.ts'

export interface RoomOptions {
  /** Over all shards. */
  readonly records: number
  readonly bytes: number
  /** Of the write that is due first; `undefined`: however long it takes. */
  readonly overdueMs?: number | undefined
  /** Share of all of them. */
  readonly lowWater: number
  readonly shards: number
}

export class QueueRoom {
  readonly bound: QueueBound
  readonly #low: QueueBound
  /** Shards that were full, and have not been below the low water since. */
  readonly #full = new Set<number>()

  constructor({ records, bytes, overdueMs, lowWater, shards }: RoomOptions) {
    const late = overdueMs === undefined ? {} : { overdueMs }
    this.bound = { records: Math.ceil(records / shards), bytes: Math.ceil(bytes / shards), ...late }
    this.#low = {
      records: lowOf(this.bound.records, lowWater),
      bytes: lowOf(this.bound.bytes, lowWater),
      ...(overdueMs === undefined ? {} : { overdueMs: lowOf(overdueMs, lowWater) }),
    }
  }

  /** What a write may ask for now. */
  most(shard: number): QueueBound {
    return this.#full.has(shard) ? this.#low : this.bound
  }

  /** `asked`: what `most` said when the write was sent. */
  learn(shard: number, asked: QueueBound, answer: EnqueueAnswer): void {
    if (answer.kind === 'writing') return
    // Above the low water there is room still: somebody may have been let in by now, beside this one.
    if (answer.kind === 'full') {
      if (asked === this.bound) this.#full.add(shard)
      return
    }
    const { records, bytes, overdueMs = 0 } = answer.backlog
    const { overdueMs: lowMs = Number.POSITIVE_INFINITY } = this.#low
    // A write that took the place of another is let in however much waits.
    if (records <= this.#low.records && bytes <= this.#low.bytes && overdueMs <= lowMs) {
      this.#full.delete(shard)
    }
  }
}

/** One write at least: below that nothing would ever be let in. */
function lowOf(bound: number, share: number): number {
  return Math.max(1, Math.floor(bound * share))
}
