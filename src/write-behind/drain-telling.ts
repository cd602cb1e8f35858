/** The events of one queue: what has become of writes, and that the store is away. Called by `QueueDrain`. */

import type { Clock } from '../contracts/clock.ts'
import { TierError } from '../contracts/errors.ts'
import type { QueueEvent, Report, StoreCallEvent } from '../contracts/events.ts'
import type {
  PendingRecord,
  SettleAnswer,
  SettleOutcome,
  TakeAnswer,
} from '../contracts/pending-steps.ts'
import { RightLostError } from './taking-right.ts'

/** Between two events of a store that is away. */
const TELL_AWAY_MS = 10_000

export type Taken = Extract<TakeAnswer, { readonly kind: 'taken' }>

/** Letters that a tier keeps of a queue; of more, others are forgotten. */
export const MOST_DEAD = 10_000

/** A write that is to be settled. */
export interface Ended {
  readonly record: PendingRecord
  readonly outcome: SettleOutcome
  /** The store has it, as it is or merged. */
  readonly applied: boolean
}

export interface DrainTellingParts {
  readonly clock: Clock
  readonly report: Report
  readonly pattern: string
}

const STATES = {
  applied: 'applied',
  discarded: 'superseded',
  retry: 'retried',
  dead: 'dead',
  raise: undefined,
} as const

export class DrainTelling {
  readonly #parts: DrainTellingParts
  #toldAwayAt = Number.NEGATIVE_INFINITY

  constructor(parts: DrainTellingParts) {
    this.#parts = parts
  }

  /** Not at each try, of which there are many. */
  away(error: unknown, taken: Taken | undefined): void {
    const { clock, report, pattern } = this.#parts
    const now = clock.monotonic()
    // Then the store may be there, and another instance brings it the writes.
    if (error instanceof RightLostError || now < this.#toldAwayAt + TELL_AWAY_MS) return
    this.#toldAwayAt = now
    report({
      type: 'queue',
      pattern,
      state: 'away',
      count: taken?.records.length ?? 0,
      waiting: taken?.backlog.records ?? 0,
      oldestMs: taken?.oldestMs ?? 0,
      error,
    })
  }

  /** @param count at most: some may have reached the source since. `waiting`: those that are left. */
  lost(count: number, waiting: number): void {
    const { report, pattern } = this.#parts
    const none = { oldestMs: 0, error: undefined }
    report({ type: 'queue', pattern, state: 'lost', count, waiting, ...none })
  }

  /** A call of the store begins. */
  storeCall(writes: number): {
    readonly ended: (outcome: StoreCallEvent['outcome'], error: unknown) => void
  } {
    const { clock, report, pattern } = this.#parts
    const beganAt = clock.monotonic()
    return {
      ended: (outcome, error) => {
        const durationMs = clock.monotonic() - beganAt
        report({ type: 'store-call', pattern, outcome, writes, durationMs, error })
      },
    }
  }

  /** @returns how many are with the source, and how many are dead letters. */
  ended(
    before: { readonly waiting: number; readonly oldestMs: number; readonly dead: number },
    ended: readonly Ended[],
    answers: readonly (SettleAnswer | TierError)[],
  ): { readonly done: number; readonly dead: number } {
    const { report, pattern } = this.#parts
    const counts = new Map<QueueEvent['state'], number>()
    let error: unknown
    for (const [at, one] of ended.entries()) {
      const state = hasCome(one.outcome, answers[at]) ? stateOf(one) : undefined
      if (state === undefined) continue
      counts.set(state, (counts.get(state) ?? 0) + 1)
      if (one.outcome.kind === 'dead') error ??= one.outcome.error
    }
    const done = (counts.get('applied') ?? 0) + (counts.get('superseded') ?? 0)
    const dead = counts.get('dead') ?? 0
    const waiting = Math.max(0, before.waiting - done - dead)
    const { oldestMs } = before
    for (const [state, count] of counts) {
      const why = state === 'dead' ? error : undefined
      report({ type: 'queue', pattern, state, count, waiting, oldestMs, error: why })
    }
    const forgotten = Math.max(0, before.dead + dead - MOST_DEAD)
    if (forgotten > 0) {
      const why = new Error(`More than ${MOST_DEAD} dead letters: older ones were forgotten.`)
      report({
        type: 'queue',
        pattern,
        state: 'lost',
        count: forgotten,
        waiting,
        oldestMs,
        error: why,
      })
    }
    return { done, dead }
  }
}

/** What was merged is in the source, although nothing of it stays in the cache. */
function stateOf({ outcome, applied }: Ended): QueueEvent['state'] | undefined {
  return applied ? 'applied' : STATES[outcome.kind]
}

/** Whether this is what has become of the write: its record may have gone, or another taken its place. */
function hasCome({ kind }: SettleOutcome, answer: SettleAnswer | TierError | undefined): boolean {
  if (answer === undefined || answer instanceof TierError || answer.kind === 'gone') return false
  // The source has it, or what is newer, although a later write waits.
  return answer.kind !== 'newer' || kind === 'applied' || kind === 'discarded'
}
