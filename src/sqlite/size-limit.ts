/**
 * Holds the pages in use under the limit, by removing the rows that nobody has read for longest.
 *
 * Pages are what a disk is filled with, so they are counted, not the bytes of values; pages that are
 * free for reuse do not count. The limit is the file's: rows of all caches in it leave alike.
 * `TierEngine` asks at the end of each transaction that has written.
 */

import type { StatementSync } from 'node:sqlite'
import type { CacheScope } from './entry-rows.ts'

/** Rows removed between two looks at the size. */
const LEAST_SLICE = 16
const MOST_SLICE = 500
/** For the schema, the map of pages, and what a row has beside its value. */
const SPARE_PAGES = 4

export class SizeLimit {
  readonly #scope: CacheScope
  readonly #maxBytes: number
  readonly #pages: StatementSync
  readonly #evict: StatementSync
  readonly #held: StatementSync
  readonly #pageBytes: number
  /** What rows can take at most: each table and index has a page at least, whatever is in it. */
  readonly #room: number
  /** As this process has left the file: a file above the limit must shrink, not fit at once. */
  #usedBefore = 0

  constructor(scope: CacheScope, maxBytes: number) {
    const { db } = scope
    this.#scope = scope
    this.#maxBytes = maxBytes
    const { page_size: pageBytes } = db.prepare('PRAGMA page_size').get() ?? {}
    this.#pageBytes = Number(pageBytes)
    const { trees } =
      db.prepare('SELECT count(*) AS trees FROM sqlite_schema WHERE rootpage > 0').get() ?? {}
    this.#room = maxBytes - (Number(trees) + SPARE_PAGES) * this.#pageBytes
    this.#pages = db.prepare(
      `SELECT (SELECT page_count FROM pragma_page_count)
        - (SELECT freelist_count FROM pragma_freelist_count) AS pages`,
    )
    this.#evict = db.prepare(
      `DELETE FROM entries WHERE row IN (SELECT row FROM entries ORDER BY read_at LIMIT ?)
        RETURNING cache, collection, bytes`,
    )
    this.#evict.setReadBigInts(true)
    this.#held = db.prepare(
      `SELECT own.entries, own.bytes, total.entries AS all_entries, total.bytes AS all_bytes,
          (SELECT sum(records) FROM queues WHERE cache = own.cache) AS waiting,
          (SELECT sum(bytes) FROM queues WHERE cache = own.cache) AS waiting_bytes,
          (SELECT sum(bytes) FROM queues) AS all_waiting_bytes
        FROM caches AS own, (SELECT sum(entries) AS entries, sum(bytes) AS bytes FROM caches) AS total
        WHERE own.cache = ?`,
    )
    this.#usedBefore = this.usedBytes
  }

  /** Whether a value fits, where all others leave for it. For one that does not, none should. */
  admits(envelope: Uint8Array): boolean {
    return envelope.byteLength <= this.#room
  }

  /** Bytes of the pages in use. */
  get usedBytes(): number {
    const { pages } = this.#pages.get() ?? {}
    return Number(pages) * this.#pageBytes
  }

  get exceeded(): boolean {
    return this.usedBytes > this.#maxBytes
  }

  /** What a transaction has added leaves again, in that transaction, if it does not fit. */
  fit(): void {
    const limit = Math.max(this.#maxBytes, this.#usedBefore)
    while (this.usedBytes > limit && this.shrink() > 0) {
      // Each turn has removed rows, so this ends.
    }
    this.#usedBefore = this.usedBytes
  }

  /** Removes one slice of rows, about as many as the excess takes; answers how many. */
  shrink(): number {
    const used = this.usedBytes
    const { all_entries: rows } = this.#held.get(this.#scope.cache) ?? {}
    const excess = ((used - this.#maxBytes) / used) * Number(rows)
    const slice = Math.min(MOST_SLICE, Math.max(LEAST_SLICE, Math.ceil(excess)))
    const removed = this.#evict.all(slice)
    for (const { cache, collection, bytes } of removed) {
      this.#scope.counts.removed(Number(cache), bytes)
      // Other caches are told of by nobody: their own processes may not even be running.
      if (Number(cache) !== this.#scope.cache) continue
      this.#scope.events.removed(String(collection), 'evicted')
    }
    this.#usedBefore = this.usedBytes
    return removed.length
  }

  /** The cache's share of the pages in use, by what its rows take, with the writes that wait. */
  usage(): { readonly entries: number; readonly bytes: number } {
    const held = this.#held.get(this.#scope.cache) ?? {}
    const own = Number(held['bytes'] ?? 0) + Number(held['waiting_bytes'] ?? 0)
    const all = Number(held['all_bytes'] ?? 0) + Number(held['all_waiting_bytes'] ?? 0)
    const share = all > 0 ? Math.max(0, own / all) : 0
    return {
      entries: Math.max(0, Number(held['entries'] ?? 0) + Number(held['waiting'] ?? 0)),
      bytes: Math.round(this.usedBytes * Math.min(1, share)),
    }
  }
}
