/** Keeps steps that arrive too late from undoing what came after them. */

import type { Late, Sender } from './shard-link.ts'
import type { ShardState } from './shard-state.ts'

/**
 * Why a mutation is not carried out; `undefined`: it is its turn, and its number is noted.
 *
 * `held`: only under the epoch that its sender knows, and within its time. A step that was answered
 * late by these is not noted: it changes nothing, however often it comes.
 */
export function lateStep(
  state: ShardState,
  { session, operation, epoch, until = Number.POSITIVE_INFINITY }: Sender,
  held: 'held' | 'free',
): Late | undefined {
  const seen = state.rows.operationOf(session)
  if (seen !== undefined && operation <= seen) return { late: 'overtaken', moment: state.moment }
  if (held === 'held' && epoch !== state.control.epoch) {
    return { late: 'epoch', moment: state.moment }
  }
  if (held === 'held' && state.now > until) return { late: 'overdue', moment: state.moment }
  state.rows.putOperation(session, operation, state.tick)
  return undefined
}
