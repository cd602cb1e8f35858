/**
 * How many rows and bytes each cache has in the file, kept in its row of `caches`.
 *
 * Changes are gathered while a transaction runs and written once at its end: triggers, which could
 * not be forgotten, made each row cost four times as much.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isNumber } from './entry-of-columns.ts'
import type { QueueCounts } from './queue-counts.ts'

/** More than a row can have; what somebody else has written may say anything. */
const MOST_BYTES = 2 ** 31

interface Change {
  readonly entries: number
  readonly bytes: number
}

export class CacheCounts {
  /** Of the cache whose entries are used. */
  readonly queues: QueueCounts
  #changes = new Map<number, Change>()
  readonly #save: StatementSync
  readonly #heal: StatementSync

  constructor(db: DatabaseSync, queues: QueueCounts) {
    this.queues = queues
    this.#save = db.prepare(
      'UPDATE caches SET entries = entries + ?, bytes = bytes + ? WHERE cache = ?',
    )
    this.#heal = db.prepare(
      `UPDATE caches SET (entries, bytes) = (
          SELECT count(*), coalesce(sum(min(max(CAST(bytes AS INTEGER), 0), ${MOST_BYTES})), 0)
          FROM entries WHERE entries.cache = caches.cache)
        WHERE typeof(entries) <> 'integer' OR entries < 0
          OR typeof(bytes) <> 'integer' OR bytes < 0`,
    )
  }

  /** A row came, of as many bytes as its column says. */
  added(cache: number, stored: unknown): void {
    this.#change(cache, 1, bytesIn(stored))
  }

  /** A row left. */
  removed(cache: number, stored: unknown): void {
    this.#change(cache, -1, -bytesIn(stored))
  }

  /** Runs a step; what it counted is forgotten if it throws, since its changes are undone. */
  during<T>(step: () => T): T {
    const before = new Map(this.#changes)
    try {
      return this.queues.during(step)
    } catch (error) {
      this.#changes = before
      throw error
    }
  }

  forget(): void {
    this.#changes.clear()
    this.queues.forget()
  }

  /** Writes down what was counted. Must run in the transaction that it was counted in. */
  save(): void {
    for (const [cache, { entries, bytes }] of this.#changes) this.#save.run(entries, bytes, cache)
    this.#changes.clear()
    this.queues.save()
  }

  /** Counts anew what cannot be true, since somebody else has written into the file. */
  heal(): void {
    this.#heal.run()
  }

  #change(cache: number, entries: number, bytes: number): void {
    const known = this.#changes.get(cache) ?? { entries: 0, bytes: 0 }
    this.#changes.set(cache, { entries: known.entries + entries, bytes: known.bytes + bytes })
  }
}

function bytesIn(stored: unknown): number {
  return isNumber(stored) ? Math.min(Math.floor(stored), MOST_BYTES) : 0
}
