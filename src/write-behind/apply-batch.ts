/**
 * Brings a batch of writes to a store, and finds out what became of each.
 *
 * A store answers for each write. One that throws instead has failed for a reason that nobody knows: the
 * first write that fails by itself is searched for by halving, and all behind it go in one call again, as
 * long as something else succeeds. Where nothing does, the store is away, which says nothing about any of
 * the writes.
 *
 * A call that takes too long is not searched: it would cost its time again and again. Fewer go in one call
 * from then on, until a write stands alone.
 */

import type { Random } from '../contracts/random.ts'
import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import type { StorePace } from './store-pace.ts'
import { RightLostError } from './taking-right.ts'

export type WriteOutcome =
  | StoreOutcome
  /** The store was not there for it. */
  | { readonly kind: 'away'; readonly error: unknown }

type Writes = readonly StoreWrite<CacheKey, unknown>[]

/** @throws whatever the store throws; StoreAwayError where it took too long; RightLostError, which ends all. */
export type AskStore = (writes: Writes) => Promise<readonly StoreOutcome[]>

/** The store took longer than it may; nobody knows what it has done. */
export class StoreAwayError extends Error {
  constructor(afterMs: number, who = 'store') {
    super(`The ${who} did not answer within ${afterMs} ms.`)
    this.name = 'StoreAwayError'
  }
}

/** Writes alone that may fail before anything has succeeded; then nothing more is tried. */
const MAX_LONE_FAILURES = 3
/** Calls of one batch that may take too long; then nothing more is tried. */
const MAX_TIMEOUTS = 2

export interface BatchTrial {
  readonly pace: StorePace
  /** Nothing has succeeded the last time: single writes show whether the store is there at all. */
  readonly isDoubtful: boolean
  readonly random: Random
}

export async function applyBatch(
  ask: AskStore,
  writes: Writes,
  trial: BatchTrial,
): Promise<readonly WriteOutcome[]> {
  const outcomes = await new FailureSearch(ask, writes, trial).run()
  const succeeded = outcomes.some(isAnswered)
  // A failure is a write's own only where the store was there for another.
  return succeeded ? outcomes : outcomes.map((one) => (isTransient(one) ? away(one.error) : one))
}

function isAnswered({ kind }: WriteOutcome): boolean {
  return kind !== 'failed' && kind !== 'away'
}

function isTransient(
  outcome: WriteOutcome,
): outcome is Extract<WriteOutcome, { readonly kind: 'failed' | 'away' }> {
  return outcome.kind === 'failed' && outcome.retry === 'transient'
}

function away(error: unknown): WriteOutcome {
  return { kind: 'away', error }
}

class FailureSearch {
  readonly #ask: AskStore
  readonly #writes: Writes
  readonly #trial: BatchTrial
  readonly #outcomes: (WriteOutcome | undefined)[] = []
  #succeeded = false
  #loneFailures: number
  #timeouts = 0
  /** Alone, and nothing has succeeded since: it may have been the store. */
  #lateAlone: number[] = []
  /** Writes in one call at most: less where many fail, for which a search each would cost too much. */
  #most = Number.POSITIVE_INFINITY
  /** What made it stop. */
  #gaveUp: { readonly error: unknown } | undefined

  constructor(ask: AskStore, writes: Writes, trial: BatchTrial) {
    this.#ask = ask
    this.#writes = writes
    this.#trial = trial
    this.#loneFailures = trial.isDoubtful ? 1 : 0
  }

  async run(): Promise<readonly WriteOutcome[]> {
    let left = [...this.#writes.keys()]
    while (left.length > 0 && this.#gaveUp === undefined) {
      // Where all has failed so far, another shows whether the store is there: from anywhere, since those
      // that fail may stand side by side.
      const isDoubtful = this.#loneFailures > 0 && !this.#succeeded
      const at = Math.floor(this.#trial.random.next() * left.length)
      const most = Math.min(this.#most, this.#trial.pace.most)
      await this.#upToFailure(isDoubtful ? left.slice(at, at + 1) : left.slice(0, most))
      left = left.filter((place) => this.#outcomes[place] === undefined)
    }
    this.#trial.pace.batchEnded()
    const { error } = this.#gaveUp ?? {}
    return this.#writes.map((_, place) => this.#outcomes[place] ?? away(error))
  }

  /**
   * Of all these places, or of those up to the first that fails by itself. One call after the other,
   * since a failing store is not asked twice at once, and in their order.
   */
  async #upToFailure(places: readonly number[]): Promise<void> {
    let from = 0
    let end = places.length
    let count = end
    while (from < end && this.#gaveUp === undefined) {
      const some = places.slice(from, from + count)
      try {
        await this.#call(some)
        from += some.length
        if (some.length === places.length) this.#most *= 2
      } catch (error) {
        if (error instanceof RightLostError) {
          this.#gaveUp = { error }
          return
        }
        if (error instanceof StoreAwayError) {
          this.#tookTooLong(some, error)
          return
        }
        if (some.length === 1) {
          this.#failedAlone(some, { kind: 'failed', error, retry: 'transient' })
          if (this.#loneFailures > 1) this.#most = Math.max(1, Math.floor(places.length / 2))
          return
        }
        end = from + some.length
      }
      count = Math.ceil((end - from) / 2)
    }
  }

  async #call(places: readonly number[]): Promise<void> {
    const writes = places.flatMap((place) => this.#writes[place] ?? [])
    const outcomes = checked(await this.#ask(writes), writes)
    // One answer for several, such as a lock or a statement that took too long: one of them may be to blame.
    const errors = outcomes.flatMap((one) => (isTransient(one) ? [one.error] : []))
    if (places.length > 1 && errors.length === outcomes.length) throw errors[0]
    for (const [at, place] of places.entries()) this.#outcomes[place] = outcomes[at]
    if (!outcomes.some(isAnswered)) {
      const [only] = outcomes
      if (places.length === 1 && only !== undefined && isTransient(only)) {
        this.#failedAlone(places, only)
      }
      return
    }
    this.#succeeded = true
    for (const place of this.#lateAlone) {
      const error = new Error('The store did not answer for it, and did for others after it.')
      this.#outcomes[place] = { kind: 'failed', error, retry: 'transient' }
    }
    this.#lateAlone = []
  }

  #failedAlone(
    [place = 0]: readonly number[],
    outcome: Extract<WriteOutcome, { readonly error: unknown }>,
  ): void {
    this.#outcomes[place] = outcome
    this.#loneFailures += 1
    const isLost = !this.#succeeded && this.#loneFailures >= MAX_LONE_FAILURES
    if (isLost) this.#gaveUp = { error: outcome.error }
  }

  /** Whether they are to blame or the store, what comes after them shows. */
  #tookTooLong(places: readonly number[], error: StoreAwayError): void {
    this.#trial.pace.tookTooLong(places.length)
    this.#timeouts += 1
    for (const place of places) this.#outcomes[place] = away(error)
    if (places.length === 1) {
      this.#lateAlone.push(...places)
      this.#loneFailures += 1
    }
    const isLost = !this.#succeeded && places.length > 1
    if (isLost || this.#timeouts === MAX_TIMEOUTS) this.#gaveUp = { error }
  }
}

const KINDS = ['applied', 'superseded', 'conflict', 'failed']

/** @throws for a store that does not answer for each write. */
function checked(outcomes: readonly StoreOutcome[], writes: Writes): readonly StoreOutcome[] {
  const whole =
    Array.isArray(outcomes) &&
    outcomes.length === writes.length &&
    outcomes.every((one: StoreOutcome | undefined) => KINDS.includes(one?.kind ?? ''))
  if (whole) return outcomes
  throw new TypeError(
    'A store must answer with one outcome for each write: applied, superseded, conflict or failed.',
  )
}
