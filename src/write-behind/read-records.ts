/** What of the records that were taken can be brought to the store, and what becomes of the others. */

import type { PendingRecord } from '../contracts/pending-steps.ts'
import type { Random } from '../contracts/random.ts'
import type { CacheKey, StoreWrite } from '../contracts/source.ts'
import type { DrainTarget } from '../contracts/write-behind.ts'
import type { Ended } from './drain-telling.ts'
import { leftToOthers } from './left-to-others.ts'
import { wordsOf } from './settle-outcomes.ts'

export interface ReadRecords {
  readonly writes: readonly StoreWrite<CacheKey, unknown>[]
  /** Of each of the writes. */
  readonly written: readonly PendingRecord[]
  /** Those that no store need be asked about. */
  readonly ended: readonly Ended[]
  /** Some can be read by another release alone. */
  readonly left: boolean
}

export async function readRecords(
  { writeOf }: Pick<DrainTarget, 'writeOf'>,
  records: readonly PendingRecord[],
  random: Random,
): Promise<ReadRecords> {
  const writes: StoreWrite<CacheKey, unknown>[] = []
  const written: PendingRecord[] = []
  const ended: Ended[] = []
  let left = false
  for (const record of records) {
    try {
      const found = writeOf(record)
      // Each wait is a turn of its own, of which a batch would have a hundred.
      const write = found instanceof Promise ? await found : found
      if (write === undefined) {
        left = true
        ended.push({ record, outcome: leftToOthers(record, random), applied: false })
        continue
      }
      writes.push(write)
      written.push(record)
    } catch (error) {
      const outcome = { kind: 'dead', error: wordsOf(error) } as const
      ended.push({ record, outcome, applied: false })
    }
  }
  return { writes, written, ended, left }
}
