/**
 * The right to take what waits in one queue. It ends by itself, so that another instance goes on where
 * this one has died; so it is prolonged while batches take long, and nothing is written once it has run out.
 */

import type { Clock } from '../contracts/clock.ts'
import type { PendingSteps, QueuePlace, TakeAnswer } from '../contracts/pending-steps.ts'

/** At least, however short the store's time is. */
const LEAST_LEASE_MS = 10_000
/** Beyond a call of the store, for all that is done around it. */
const MARGIN_MS = 2_000

/** Another instance may be taking by now: what this one has in hand is not for it to write. */
export class RightLostError extends Error {
  constructor() {
    super('The right to carry out what waits has run out.')
    this.name = 'RightLostError'
  }
}

export interface TakingRightParts {
  readonly steps: Pick<PendingSteps, 'take'>
  readonly place: QueuePlace
  /** This instance, among those that may take. */
  readonly owner: string
  /** What the store may take for one call, in milliseconds. */
  readonly storeMs: number
  readonly clock: Clock
}

export class TakingRight {
  /** What it is taken for. */
  readonly leaseMs: number
  readonly #parts: TakingRightParts
  /** Counted from before it was asked for: the tier's own end of it comes later. */
  #until = 0

  constructor(parts: TakingRightParts) {
    this.#parts = parts
    this.leaseMs = Math.max(LEAST_LEASE_MS, parts.storeMs + 2 * MARGIN_MS)
  }

  /** @throws TierError */
  async take(limit: number, maxBytes: number): Promise<TakeAnswer> {
    const { steps, place, owner, clock } = this.#parts
    const askedAt = clock.monotonic()
    const answer = await steps.take({ ...place, owner, leaseMs: this.leaseMs, limit, maxBytes })
    const lastsMs = answer.kind === 'held' ? 0 : this.#lastsMs(answer.records.length)
    this.#until = askedAt + lastsMs
    return answer
  }

  /** Before a call of the store, which it outlasts. @throws RightLostError, also where nobody could be asked */
  async keep(): Promise<void> {
    const leftMs = this.#until - this.#parts.clock.monotonic()
    if (leftMs >= this.#parts.storeMs + MARGIN_MS) return
    // Somebody else may have had it, and given it back.
    if (leftMs <= 0) throw new RightLostError()
    const answer = await this.take(1, 1).catch(() => undefined)
    if (answer?.kind !== 'taken') throw new RightLostError()
  }

  #lastsMs(records: number): number {
    return records === 0 ? this.leaseMs / 2 : this.leaseMs
  }

  /** So that nobody waits for its end. */
  async giveBack(): Promise<void> {
    const { steps, place, owner } = this.#parts
    await steps.take({ ...place, owner, leaseMs: 1, limit: 0, maxBytes: 0 }).catch(() => {})
  }
}
