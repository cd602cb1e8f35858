import type { SharedValue } from '../contracts/shared-tier.ts'
import type { ShardRow } from './shard-rows.ts'
import type { ShardState } from './shard-state.ts'

/** The row of a value that is stored now. `stamp`: of the change that sets it, or of its load's grant. */
export function newRow(state: ShardState, value: SharedValue, stamp: number): ShardRow {
  const { id, collection, envelope, ttlMs, graceMs, tags } = value
  const freshUntil = state.now + ttlMs
  return {
    id,
    collection,
    envelope,
    tags,
    epoch: state.control.epoch,
    stamp,
    storedAt: state.now,
    freshUntil,
    graceUntil: freshUntil + graceMs,
  }
}
