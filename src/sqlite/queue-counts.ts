/**
 * How many writes of one cache wait in the file, and how many bytes, kept in the rows of `queues`.
 *
 * Like `CacheCounts`, which it is a part of: changes are gathered while a transaction runs, and written
 * once at its end.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Backlog } from '../contracts/pending-steps.ts'
import { storedText } from './stored-text.ts'

interface Change extends Backlog {
  /** What the file has, as long as the transaction runs. */
  readonly before: Backlog
}

export class QueueCounts {
  readonly #cache: number
  readonly #now: () => number
  #changes = new Map<string, Change>()
  readonly #find: StatementSync
  readonly #save: StatementSync

  constructor(db: DatabaseSync, cache: number, now: () => number) {
    this.#cache = cache
    this.#now = now
    this.#find = db.prepare('SELECT records, bytes FROM queues WHERE cache = ? AND collection = ?')
    this.#save = db.prepare(
      `INSERT INTO queues (cache, collection, records, bytes, at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (cache, collection) DO UPDATE SET records = records + excluded.records,
          bytes = bytes + excluded.bytes, at = max(coalesce(at, 0), excluded.at)`,
    )
  }

  backlog(collection: string): Backlog {
    const change = this.#changes.get(collection)
    if (change === undefined) return this.#stored(collection)
    const { before, records, bytes } = change
    return { records: before.records + records, bytes: before.bytes + bytes }
  }

  /** So many writes more, or fewer. */
  count(collection: string, records: number, bytes: number): void {
    const known = this.#changes.get(collection)
    const before = known?.before ?? this.#stored(collection)
    this.#changes.set(collection, {
      before,
      records: (known?.records ?? 0) + records,
      bytes: (known?.bytes ?? 0) + bytes,
    })
  }

  during<T>(step: () => T): T {
    const before = new Map(this.#changes)
    try {
      return step()
    } catch (error) {
      this.#changes = before
      throw error
    }
  }

  forget(): void {
    this.#changes.clear()
  }

  save(): void {
    for (const [collection, { records, bytes }] of this.#changes) {
      this.#save.run(this.#cache, storedText(collection), records, bytes, this.#now())
    }
    this.#changes.clear()
  }

  #stored(collection: string): Backlog {
    const { records, bytes } = this.#find.get(this.#cache, storedText(collection)) ?? {}
    return { records: Number(records ?? 0), bytes: Number(bytes ?? 0) }
  }
}
