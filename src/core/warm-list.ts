/** The hottest keys of each collection, for the next start. */

import type { HotRow } from '../contracts/warm-target.ts'
import { decodeKey, encodeKey } from '../keys/key-encoding.ts'
import type { KeptRecord } from './kept-record.ts'

/** Names of users begin with a letter, a digit, `.`, `_` or `-`, and have no other signs. */
export const WARM_LIST = '~hottest'

export class WarmList {
  readonly #record: KeptRecord

  constructor(record: KeptRecord) {
    this.#record = record
  }

  /** What cannot be read is none. @throws TierError */
  async read(collection: string): Promise<readonly HotRow[]> {
    const rows = await this.#record.read(collection)
    return Array.isArray(rows) ? rows.flatMap((row) => rowOf(collection, row)) : []
  }

  /** @throws TierError */
  write(collection: string, rows: readonly HotRow[]): Promise<void> {
    const kept = rows.map(({ key, reads }) => [encodeKey(collection, key).id, Math.round(reads)])
    return this.#record.write(collection, kept)
  }
}

function rowOf(collection: string, row: unknown): readonly HotRow[] {
  if (!Array.isArray(row)) return []
  const [id, reads] = row as readonly unknown[]
  if (typeof id !== 'string' || typeof reads !== 'number') return []
  const key = decodeKey(collection, id)
  return key === undefined ? [] : [{ key, reads }]
}
