/**
 * Brings a batch of writes to a store, and finds out what became of each.
 *
 * A store answers for each write. One that throws instead has failed for a reason that nobody knows: the
 * first write that fails by itself is searched for by halving, and all behind it go in one call again, as
 * long as something else succeeds. Where nothing does, the store is away, which says nothing about any of
 * the writes.
 */

import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'

export type WriteOutcome =
  | StoreOutcome
  /** The store was not there for it. */
  | { readonly kind: 'away'; readonly error: unknown }

type Writes = readonly StoreWrite<CacheKey, unknown>[]

/** @throws whatever the store throws; `TimeoutError` where it took too long. */
export type AskStore = (writes: Writes) => Promise<readonly StoreOutcome[]>

/** The store took longer than it may; nobody knows what it has done. */
export class StoreAwayError extends Error {
  constructor(afterMs: number, who = 'store') {
    super(`The ${who} did not answer within ${afterMs} ms.`)
    this.name = 'StoreAwayError'
  }
}

/** Singles that may fail before anything has succeeded; then nothing more is tried. */
const MAX_LONE_FAILURES = 2

export async function applyBatch(ask: AskStore, writes: Writes): Promise<readonly WriteOutcome[]> {
  const outcomes = await new FailureSearch(ask).run(writes)
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
  #succeeded = false
  #loneFailures = 0
  /** Writes in one call at most: less where many fail, for which a search each would cost too much. */
  #most = Number.POSITIVE_INFINITY
  /** What made it stop. */
  #gaveUp: { readonly error: unknown } | undefined

  constructor(ask: AskStore) {
    this.#ask = ask
  }

  async run(writes: Writes): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = []
    while (outcomes.length < writes.length) {
      const left = writes.slice(outcomes.length)
      if (this.#gaveUp !== undefined) {
        const { error } = this.#gaveUp
        return [...outcomes, ...left.map(() => away(error))]
      }
      // Where all has failed so far, one more shows whether the store is there at all.
      const isDoubtful = this.#loneFailures > 0 && !this.#succeeded
      const many = left.slice(0, isDoubtful ? 1 : this.#most)
      outcomes.push(...(await this.#upToFailure(many)))
    }
    return outcomes
  }

  /**
   * Of all of them, or of those up to the first that fails by itself. One call after the other, since a
   * failing store is not asked twice at once, and in their order.
   */
  async #upToFailure(writes: Writes): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = []
    let end = writes.length
    let count = end
    while (outcomes.length < end && this.#gaveUp === undefined) {
      const some = writes.slice(outcomes.length, outcomes.length + count)
      try {
        outcomes.push(...(await this.#call(some)))
        if (some.length === writes.length) this.#most *= 2
      } catch (error) {
        if (some.length === 1) return [...outcomes, this.#loneFailure(error, writes.length)]
        if (error instanceof StoreAwayError) this.#gaveUp = { error }
        end = outcomes.length + some.length
      }
      count = Math.ceil((end - outcomes.length) / 2)
    }
    return outcomes
  }

  async #call(writes: Writes): Promise<readonly StoreOutcome[]> {
    const outcomes = checked(await this.#ask(writes), writes)
    this.#succeeded ||= outcomes.some(isAnswered)
    return outcomes
  }

  #loneFailure(error: unknown, among: number): WriteOutcome {
    this.#loneFailures += 1
    const isLost = !this.#succeeded && this.#loneFailures === MAX_LONE_FAILURES
    if (isLost || error instanceof StoreAwayError) this.#gaveUp = { error }
    if (this.#loneFailures > 1) this.#most = Math.max(1, Math.floor(among / 2))
    return error instanceof StoreAwayError
      ? away(error)
      : { kind: 'failed', error, retry: 'transient' }
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
