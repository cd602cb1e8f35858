/**
 * The hottest keys of each collection, as the shared tier keeps them for the next start: one entry a
 * collection, in a collection of its own that no user can name.
 */

import type { HotRow } from '../contracts/warm-target.ts'
import { decodeKey, encodeKey } from '../keys/key-encoding.ts'
import type { Engine } from './engine.ts'
import { setValue } from './set-values.ts'
import type { Space } from './space.ts'

/** Names of users begin with a letter, a digit, `.`, `_` or `-`, and have no other signs. */
export const WARM_LIST = '~hottest'
/** A cache that nobody has started for longer has other hot keys by then. */
const KEPT_MS = 30 * 86_400_000

export class WarmList {
  readonly #engine: Engine
  readonly #space: Space

  constructor(engine: Engine, space: Space) {
    this.#engine = engine
    this.#space = space
  }

  /** What cannot be read is none. @throws TierError */
  async read(collection: string): Promise<readonly HotRow[]> {
    const key = this.#space.sharedKey(collection)
    const reading = await this.#engine.shared?.access.read(key)
    if (reading?.entry === undefined) return []
    const decoded = await this.#space.envelope.decode(key.id, reading.entry.envelope)
    const rows = decoded.ok ? decoded.content.value : undefined
    return Array.isArray(rows) ? rows.flatMap((row) => rowOf(collection, row)) : []
  }

  /** @throws TierError */
  async write(collection: string, rows: readonly HotRow[]): Promise<void> {
    const value = rows.map(({ key, reads }) => [encodeKey(collection, key).id, Math.round(reads)])
    const options = { ...this.#space.options, ttlMs: KEPT_MS, memoryTtlMs: 1 }
    // Past the check of an open cache: the last list is kept while it closes.
    await setValue(this.#engine, this.#space, { key: collection, value, options })
  }
}

function rowOf(collection: string, row: unknown): readonly HotRow[] {
  if (!Array.isArray(row)) return []
  const [id, reads] = row as readonly unknown[]
  if (typeof id !== 'string' || typeof reads !== 'number') return []
  const key = decodeKey(collection, id)
  return key === undefined ? [] : [{ key, reads }]
}
