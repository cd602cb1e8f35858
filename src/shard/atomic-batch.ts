/** Reads, sets, deletes and touches of one shard as one step: all of them or none. */

import type { AtomicAnswer, AtomicOperation } from '../contracts/shared-tier.ts'
import { invalidateKeys } from './invalidate-keys.ts'
import { judgeRows } from './judge-rows.ts'
import { maskedIds } from './masked-ids.ts'
import { endOverdue } from './overdue-intents.ts'
import { servableEntries } from './servable-entries.ts'
import { setValues } from './set-values.ts'
import type { ShardState } from './shard-state.ts'

type Done = Extract<AtomicAnswer, { kind: 'done' }>['answers'][number]
type Touch = Extract<AtomicOperation, { op: 'touch' }>

/** Reads see what stood before the batch; the others see what those before them have left. */
export function atomicBatch(
  state: ShardState,
  operations: readonly AtomicOperation[],
): AtomicAnswer {
  endOverdue(state)
  const values = operations.flatMap((one) => (one.op === 'set' ? one.value : []))
  const set = values.map(({ id }) => id)
  const written = maskedIds(state, set).size + state.rows.pending.find(set).size
  if (written > 0) return { kind: 'writing', ...state.moment }
  const read = operations.flatMap((one) => (one.op === 'read' ? one.key.id : []))
  const entries = servableEntries(state, read)
  if (entries.size > 0) state.rows.noteRead([...entries.keys()], state.now)
  const answers = operations.map((one): Done => {
    switch (one.op) {
      case 'read':
        return { op: 'read', entry: entries.get(one.key.id) }
      case 'set':
        setValues(state, [one.value])
        return { op: 'set' }
      case 'delete': {
        const [found = false] = invalidateKeys(state, {
          kind: 'keys',
          keys: [one.key],
          mode: 'delete',
        })
        return { op: 'delete', found }
      }
      case 'touch':
        return { op: 'touch', touched: touch(state, one) }
      default:
        return one satisfies never
    }
  })
  return { kind: 'done', answers, ...state.moment }
}

function touch(state: ShardState, { key, ttlMs, graceMs }: Touch): boolean {
  const row = state.rows.entriesOf([key.id]).get(key.id)
  if (row === undefined || judgeRows(state, [row])(row) !== 'stands') return false
  const freshUntil = state.now + ttlMs
  state.rows.setTimes(key.id, { freshUntil, graceUntil: freshUntil + graceMs })
  return true
}
