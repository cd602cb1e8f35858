/**
 * Removes from the tier what removed patterns match, slice by slice, one pattern at a time.
 *
 * `ShardFollower` gives it the patterns that this process removed, at once; those of others are taken
 * over when they are still active after some seconds, since whoever removed them may have died. Until
 * the sweep has come to its end, the pattern judges every value it matches, so nothing waits for it.
 */

import type { Clock } from '../contracts/clock.ts'
import type { Random } from '../contracts/random.ts'
import type { SharedSession } from '../contracts/shared-tier.ts'
import type { ShardView } from './shard-view.ts'

const OVERDUE_MS = 5000
/** Of all processes that see an overdue pattern, about one in three takes it with each beat. */
const TAKEN_OVER = 0.3
/** As many patterns as a shard keeps. Of more, the rest is taken over later. */
const MAX_WAITING = 100
/** Far more than the entries of a shard need: a tier that never comes to an end is left alone. */
const MAX_SLICES = 1_000_000

export interface SweepParts {
  readonly session: Pick<SharedSession, 'sweepPattern'>
  readonly clock: Clock
  readonly random: Random
  readonly shard: number
  readonly view: ShardView
  onFailure(error: unknown): void
}

export class PatternSweep {
  readonly #parts: SweepParts
  readonly #waiting = new Set<number>()
  #running = false
  #closed = false

  constructor(parts: SweepParts) {
    this.#parts = parts
  }

  /** A pattern that this process removed. */
  add(number: number): void {
    if (this.#waiting.size >= MAX_WAITING) return
    this.#waiting.add(number)
    if (!this.#running) void this.#run()
  }

  /** With each beat: takes over what another process has left. */
  beat(): void {
    const { clock, random, view } = this.#parts
    const overdue = view.patternActiveSince(clock.monotonic() - OVERDUE_MS)
    if (overdue !== undefined && random.next() < TAKEN_OVER) this.add(overdue)
  }

  close(): void {
    this.#closed = true
  }

  async #run(): Promise<void> {
    this.#running = true
    for (const number of this.#waiting) {
      try {
        await this.#sweep(number)
      } catch (error) {
        // The pattern stays active, and is swept by whoever finds it overdue.
        if (!this.#closed) this.#parts.onFailure(error)
      }
      this.#waiting.delete(number)
    }
    this.#running = false
  }

  async #sweep(number: number): Promise<void> {
    const { session, shard, view } = this.#parts
    for (let slices = 0; slices < MAX_SLICES && !this.#closed; slices += 1) {
      if (await session.sweepPattern(shard, number)) {
        view.patternEnded(number)
        return
      }
    }
  }
}
