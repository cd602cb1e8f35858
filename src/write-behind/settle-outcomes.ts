/** What the outcomes of a batch come to for the writes that waited. */

import type { PendingRecord, SettleOutcome } from '../contracts/pending-steps.ts'
import type { Random } from '../contracts/random.ts'
import { backoffMs } from './backoff.ts'
import type { MergedOutcome } from './merge-conflicts.ts'

/** Between two tries of one write. */
const RETRY = { leastMs: 100, mostMs: 30_000 } as const
/** Of errors, in dead letters. */
const MAX_ERROR_LENGTH = 2_000

/** Well below where numbers would begin from the clock alone. */
const MAX_FOLLOWED = 2n ** 52n - 2n ** 40n

export interface Judging {
  /** This epoch and those before it. */
  readonly epochs: readonly string[]
  readonly attempts: number
  readonly random: Random
}

/** `undefined`: nothing is settled, it is tried again with all the others. */
export function settledBy(
  record: Pick<PendingRecord, 'attempts' | 'epoch'>,
  outcome: MergedOutcome,
  { epochs, attempts, random }: Judging,
): SettleOutcome | undefined {
  switch (outcome.kind) {
    case 'applied':
      return { kind: 'applied' }
    // Reads have found what the writer had written all the time: the source has something else now.
    case 'merged':
    case 'yielded':
      return { kind: 'discarded' }
    case 'superseded': {
      // A version that numbers of this tier cannot be compared with was given out by one that is gone.
      const comparable = outcome.byEpoch === record.epoch || epochs.includes(outcome.byEpoch)
      if (comparable) return { kind: 'discarded' }
      if (mayFollow(outcome.by)) return { kind: 'raise', above: Number(outcome.by) }
      const error = `The source has version ${outcome.by}, which no number of the cache can follow.`
      return { kind: 'dead', error }
    }
    case 'conflict':
      return {
        kind: 'dead',
        error: `The source refused it: ${outcome.reason}`.slice(0, MAX_ERROR_LENGTH),
      }
    case 'failed': {
      const tries = record.attempts + 1
      if (outcome.retry === 'permanent' || tries >= attempts) {
        return { kind: 'dead', error: wordsOf(outcome.error) }
      }
      return { kind: 'retry', delayMs: backoffMs(tries, RETRY, random) }
    }
    case 'away':
      return undefined
    default:
      return outcome satisfies never
  }
}

/** A store may answer anything; numbers of a shard must stay exact, and have room above. */
function mayFollow(version: unknown): boolean {
  return typeof version === 'bigint' && version >= 0n && version <= MAX_FOLLOWED
}

export function wordsOf(error: unknown): string {
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return words.slice(0, MAX_ERROR_LENGTH)
}
