/**
 * Settles what has become of writes while the store has the next ones: one batch after the other. Made by
 * `QueueDrain` for what it has taken at once.
 */

import type { TierError } from '../contracts/errors.ts'
import type { PendingSteps, SettleAnswer, SettleRequest } from '../contracts/pending-steps.ts'
import type { DrainTarget } from '../contracts/write-behind.ts'
import type { Ended } from './drain-telling.ts'

type Answers = readonly (SettleAnswer | TierError)[]

export interface SettleLineParts {
  readonly target: Pick<DrainTarget, 'removeTags' | 'forget'>
  readonly steps: Pick<PendingSteps, 'settle'>
  readonly settled: (ended: readonly Ended[], answers: Answers) => void
}

export class SettleLine {
  readonly #parts: SettleLineParts
  #waiting: (readonly Ended[])[] = []
  #underWay: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(parts: SettleLineParts) {
    this.#parts = parts
  }

  /** Nothing more is settled then: what was taken is taken again. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  add(ended: readonly Ended[]): void {
    if (ended.length === 0 || this.hasFailed) return
    this.#waiting.push(ended)
    this.#underWay ??= this.#settleAll()
  }

  /** Resolves when all is settled. @throws TierError, or what the removal of tags has thrown */
  async end(): Promise<void> {
    await this.#underWay
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Never rejects. */
  async #settleAll(): Promise<void> {
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        await this.#settle(next)
      }
    } catch (error) {
      this.#failure = { error }
      this.#waiting = []
    }
    this.#underWay = undefined
  }

  async #settle(ended: readonly Ended[]): Promise<void> {
    const { target, steps, settled } = this.#parts
    // Before they are settled: whoever dies in between leaves them to be applied, and removed, again.
    const tags = new Set(ended.flatMap(({ record, applied }) => (applied ? record.removes : [])))
    if (tags.size > 0) await target.removeTags([...tags])
    const answers = await steps.settle(ended.map(settleOf))
    // Who flushed here reads what the source has at once; other instances are told.
    target.forget(ended.flatMap(({ record, outcome }) => (isGone(outcome) ? record.id : [])))
    settled(ended, answers)
  }
}

function isGone({ kind }: Ended['outcome']): boolean {
  return kind === 'discarded' || kind === 'dead'
}

function settleOf({ record, outcome }: Ended): SettleRequest {
  const { id, collection, shard, epoch, version } = record
  return { id, collection, shard, epoch, version, outcome }
}
