/** Gives entries a new life from now. */

import type { TouchAnswer, TouchRequest } from '../contracts/shared-tier.ts'
import { judgeRows } from './judge-rows.ts'
import { endOverdue } from './overdue-intents.ts'
import type { ShardState } from './shard-state.ts'

/** What was made unservable stays so, and an entry of an expired tag has no other life to come. */
export function touchEntries(
  state: ShardState,
  requests: readonly TouchRequest[],
): readonly TouchAnswer[] {
  endOverdue(state)
  const rows = state.rows.entriesOf(requests.map(({ id }) => id))
  const verdictOf = judgeRows(state, rows.values())
  return requests.map(({ id, epoch, stamp, ttlMs, graceMs }): TouchAnswer => {
    const row = rows.get(id)
    const same = row !== undefined && row.epoch === epoch && row.stamp === stamp
    if (!same || verdictOf(row) !== 'stands') return { kind: 'gone', ...state.moment }
    const freshUntil = state.now + ttlMs
    state.rows.setTimes(id, { freshUntil, graceUntil: freshUntil + graceMs })
    return { kind: 'touched', ...state.moment }
  })
}
