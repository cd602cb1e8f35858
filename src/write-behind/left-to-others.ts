/** What becomes of a write that only another release of the application can read. */

import type { PendingRecord, SettleOutcome } from '../contracts/pending-steps.ts'
import type { Random } from '../contracts/random.ts'
import { backoffMs } from './backoff.ts'

/** Between two tries. */
const AGAIN = { leastMs: 100, mostMs: 30_000 } as const
/** About 20 minutes, for a rolling upgrade. */
const MAX_TRIES = 100

/** Queued again for an instance of the release that has written it, as long as there may be one. */
export function leftToOthers(
  { attempts }: Pick<PendingRecord, 'attempts'>,
  random: Random,
): SettleOutcome {
  const tries = attempts + 1
  if (tries < MAX_TRIES) return { kind: 'retry', delayMs: backoffMs(tries, AGAIN, random) }
  return { kind: 'dead', error: 'The value is of a version that no instance here can read.' }
}
