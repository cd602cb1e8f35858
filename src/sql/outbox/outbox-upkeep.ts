/**
 * What a follower does for the outbox every few seconds: it keeps its cursor, and deletes what everybody
 * has seen.
 *
 * Followers that keep no cursor are not waited for, so what all the others have seen stays for a while.
 * Whoever comes too late all the same finds in `pruning` that rows may be missing.
 */

import type { PostgresAsk } from '../postgres-like.ts'
import { type OutboxStatements, PRUNE_ROWS } from './outbox-statements.ts'

export interface UpkeepPlan {
  /** `undefined`: it keeps no cursor. */
  readonly consumer: string | undefined
  readonly keepMs: number
  readonly forgetAfterMs: number
}

/** 100,000 rows; what is left waits for the next time. */
const MAX_SLICES = 50

/** Answers how many rows were deleted. @throws whatever the driver throws. */
export async function keepUp(
  ask: PostgresAsk,
  statements: OutboxStatements,
  { horizon, plan }: { readonly horizon: bigint; readonly plan: UpkeepPlan },
): Promise<number> {
  await saveCursor(ask, statements, { horizon, consumer: plan.consumer })
  await ask(statements.forget, [plan.forgetAfterMs])
  // Said before anything is gone: whoever reads in between begins anew for nothing, and misses nothing.
  await ask(statements.raise, [plan.keepMs])
  let deleted = 0
  for (let slice = 0; slice < MAX_SLICES; slice += 1) {
    const [row] = await ask(statements.prune, [])
    const count = Number(row?.['count'])
    deleted += count
    if (!(count >= PRUNE_ROWS)) break
  }
  return deleted
}

export async function saveCursor(
  ask: PostgresAsk,
  { save }: OutboxStatements,
  { horizon, consumer }: { readonly horizon: bigint; readonly consumer: string | undefined },
): Promise<void> {
  if (consumer !== undefined) await ask(save, [consumer, String(horizon)])
}
