/**
 * Brings a batch of writes to a store, and finds out what became of each.
 *
 * A store answers for each write. One that throws instead has failed for a reason that nobody knows:
 * its batch is halved until what fails stands alone, as long as something else succeeds. Where nothing
 * does, the store is away, which says nothing about any of the writes.
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
  constructor(afterMs: number) {
    super(`The store did not answer within ${afterMs} ms.`)
    this.name = 'StoreAwayError'
  }
}

/** Singles that may fail before anything has succeeded; then nothing more is tried. */
const MAX_LONE_FAILURES = 2

export async function applyBatch(ask: AskStore, writes: Writes): Promise<readonly WriteOutcome[]> {
  const outcomes = await new Bisection(ask).run(writes)
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

class Bisection {
  readonly #ask: AskStore
  #succeeded = false
  #loneFailures = 0
  /** What made it stop. */
  #gaveUp: { readonly error: unknown } | undefined

  constructor(ask: AskStore) {
    this.#ask = ask
  }

  async run(writes: Writes): Promise<readonly WriteOutcome[]> {
    if (this.#gaveUp !== undefined) return writes.map(() => away(this.#gaveUp?.error))
    try {
      const outcomes = checked(await this.#ask(writes), writes)
      this.#succeeded ||= outcomes.some(isAnswered)
      return outcomes
    } catch (error) {
      if (error instanceof StoreAwayError) this.#gaveUp = { error }
      if (this.#gaveUp !== undefined) return writes.map(() => away(error))
      if (writes.length > 1) return await this.#halves(writes)
      this.#loneFailures += 1
      if (!this.#succeeded && this.#loneFailures === MAX_LONE_FAILURES) this.#gaveUp = { error }
      return [{ kind: 'failed', error, retry: 'transient' }]
    }
  }

  /** One after the other: a failing store is not asked twice at once. */
  async #halves(writes: Writes): Promise<readonly WriteOutcome[]> {
    const middle = Math.ceil(writes.length / 2)
    const first = await this.run(writes.slice(0, middle))
    return [...first, ...(await this.run(writes.slice(middle)))]
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
