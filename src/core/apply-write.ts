/** Asking the store to carry out one write, within its time. Called by `source-writes.ts`. */

import type { Clock } from '../contracts/clock.ts'
import { ArgumentError, ConflictError, StoreTimeoutError } from '../contracts/errors.ts'
import type { CacheKey, Store, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { untilAborted } from './until-aborted.ts'
import { within } from './within.ts'

export interface WriteRequest {
  readonly store: Store<CacheKey, unknown>
  readonly write: StoreWrite<CacheKey, unknown>
  readonly signal: AbortSignal | undefined
}

/** A write that the store is carrying out. */
export interface Applying {
  readonly outcomes: Promise<readonly StoreOutcome[]>
  /** The store has not answered yet. */
  readonly open: boolean
  readonly stop: (reason: Error) => void
  /** Resolves when the store has answered, whatever it said. */
  readonly settled: Promise<void>
}

/** Asks the store, which is told to stop by the caller's signal or by `stop`. */
export function applyWrite({ store, write, signal }: WriteRequest): Applying {
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal?.reason)
  // It may have aborted while the intent was begun.
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  const call = async (): Promise<readonly StoreOutcome[]> =>
    await store.apply([write], { signal: controller.signal })
  const outcomes = call()
  const applying = {
    outcomes,
    open: true,
    stop: (reason: Error) => controller.abort(reason),
    settled: outcomes.then(() => {}).catch(() => {}),
  }
  applying.settled = applying.settled.then(() => {
    applying.open = false
    signal?.removeEventListener('abort', abort)
  })
  return applying
}

/**
 * The caller waits no longer than `leftMs`.
 *
 * @throws StoreTimeoutError, after which the write may still be carried out; ConflictError; the
 * signal's reason; whatever the store says went wrong.
 */
export async function outcomeOf(
  { write, signal }: WriteRequest,
  applying: Applying,
  time: {
    readonly clock: Clock
    readonly pattern: string
    readonly leftMs: number
    readonly hardMs: number
  },
): Promise<'applied' | 'superseded'> {
  const outcomes = await untilAborted(signal, () =>
    within(time.clock, time.leftMs, applying.outcomes, () => {
      const late = new StoreTimeoutError(time.pattern, write.kind, time.hardMs)
      applying.stop(late)
      return late
    }),
  )
  return check(write.kind, Array.isArray(outcomes) ? outcomes[0] : undefined)
}

/** @throws ConflictError, or what the store says went wrong. */
function check(kind: string, outcome: StoreOutcome | undefined): 'applied' | 'superseded' {
  switch (outcome?.kind) {
    case 'applied':
    case 'superseded':
      return outcome.kind
    case 'conflict':
      throw new ConflictError(`The source refused the ${kind}: ${outcome.reason}`)
    case 'failed':
      throw outcome.error
    default:
      throw new ArgumentError({
        field: `what \`apply\` answers for a ${kind}`,
        expected: 'an array with one outcome: applied, superseded, conflict or failed',
        actual: (outcome as { kind?: unknown } | undefined)?.kind ?? outcome,
      })
  }
}
