/**
 * The entries of one cache in the file. Part of `SqliteRows`; every statement over `entries` that
 * belongs to one cache stands here.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { RemovalCause } from '../contracts/events.ts'
import type { ScanPage } from '../contracts/shared-tier.ts'
import type { ShardRow, SweepPage, SweptHead } from '../shard/index.ts'
import { boundBytes } from './bound-bytes.ts'
import type { CacheCounts } from './cache-counts.ts'
import {
  type Columns,
  ENTRY_COLUMNS,
  entryOfColumns,
  HEAD_COLUMNS,
  headOfColumns,
  isNumber,
  storedTags,
} from './entry-of-columns.ts'
import { prepareAll } from './prepare-all.ts'
import { endOfMinute, minuteOf, ReadTimes } from './read-times.ts'
import { originalText, storedText, storedTexts } from './stored-text.ts'
import type { TierEvents } from './tier-events.ts'

export interface CacheScope {
  readonly db: DatabaseSync
  /** The cache's number in the file. */
  readonly cache: number
  readonly now: () => number
  readonly events: TierEvents
  readonly counts: CacheCounts
}

/** What a row takes beside its key, tags and envelope: other columns and its places in indexes. */
const ROW_OVERHEAD_BYTES = 100
/** Broken rows remembered until they can be removed. The sweep finds those that were forgotten. */
const MAX_BROKEN = 10_000

const INSERT = `INSERT INTO entries (cache, id, collection, epoch, stamp, stored_at, fresh_until,
    grace_until, read_at, tags, bytes, envelope)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const STATEMENTS = {
  find: `SELECT ${ENTRY_COLUMNS} FROM json_each(?) AS asked
    CROSS JOIN entries ON entries.cache = ? AND entries.id = asked.value`,
  add: `${INSERT} ON CONFLICT (cache, id) DO NOTHING`,
  replace: `${INSERT}
    ON CONFLICT (cache, id) DO UPDATE SET collection = excluded.collection,
      epoch = excluded.epoch, stamp = excluded.stamp, stored_at = excluded.stored_at,
      fresh_until = excluded.fresh_until, grace_until = excluded.grace_until,
      read_at = excluded.read_at, tags = excluded.tags, bytes = excluded.bytes,
      envelope = excluded.envelope`,
  setTimes: 'UPDATE entries SET fresh_until = ?, grace_until = ? WHERE cache = ? AND id = ?',
  setRead: 'UPDATE entries SET read_at = ? WHERE cache = ? AND id = ? AND read_at < ?',
  remove: `DELETE FROM entries WHERE cache = ? AND id IN (SELECT value FROM json_each(?))
    RETURNING collection, bytes`,
  bytes: 'SELECT bytes FROM entries WHERE cache = ? AND id = ?',
  drop: 'DELETE FROM entries WHERE row = ? RETURNING cache, bytes',
  scan: `SELECT id, collection FROM entries WHERE cache = ? AND id >= ? ORDER BY id LIMIT ?`,
  page: `SELECT cache, bytes, ${HEAD_COLUMNS} FROM entries WHERE row > ? ORDER BY row LIMIT ?`,
} as const

export class EntryRows {
  readonly #scope: CacheScope
  readonly #statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>
  readonly #readTimes = new ReadTimes<string>()
  /** Of the rows found last: when they were read, as far as the file knows. */
  readonly #readAt = new Map<string, unknown>()
  readonly #broken = new Set<bigint>()

  constructor(scope: CacheScope) {
    this.#scope = scope
    this.#statements = prepareAll(scope.db, STATEMENTS)
    // Only what is broken is an integer too large for JavaScript; it must not stop the read.
    for (const statement of Object.values(this.#statements)) statement.setReadBigInts(true)
  }

  find(ids: readonly string[]): ReadonlyMap<string, ShardRow> {
    const found = new Map<string, ShardRow>()
    if (ids.length === 0) return found
    this.#readAt.clear()
    const rows = this.#statements.find.all(storedTexts(ids), this.#scope.cache)
    for (const columns of rows) {
      const entry = entryOfColumns(columns)
      if (entry === undefined) {
        this.#noteBroken(columns)
        continue
      }
      found.set(entry.id, entry)
      this.#readAt.set(entry.id, columns['read_at'])
    }
    return found
  }

  noteRead(ids: readonly string[]): void {
    const minute = minuteOf(this.#scope.now())
    for (const id of ids) {
      const known = this.#readAt.get(id)
      if (!isNumber(known) || known < minute) this.#readTimes.note(id, minute)
    }
  }

  put(row: ShardRow): void {
    // The new entry takes the place of a broken row of its key, and must not be removed for it.
    this.#dropBroken()
    const { cache, now, counts } = this.#scope
    const id = storedText(row.id)
    const tags = storedTags(row.tags)
    const text = id.length + (tags?.length ?? 0)
    const bytes = row.envelope.byteLength + text + ROW_OVERHEAD_BYTES
    const columns = [
      cache,
      id,
      storedText(row.collection),
      row.epoch,
      row.stamp,
      row.storedAt,
      row.freshUntil,
      row.graceUntil,
      minuteOf(now()),
      tags,
      bytes,
      boundBytes(row.envelope),
    ] as const
    counts.added(cache, bytes)
    // Mostly there is none, and then one statement is enough.
    if (Number(this.#statements.add.run(...columns).changes) > 0) return
    const replaced = this.#statements.bytes.get(cache, id)
    if (replaced !== undefined) counts.removed(cache, replaced['bytes'])
    this.#statements.replace.run(...columns)
  }

  setTimes(id: string, times: Pick<ShardRow, 'freshUntil' | 'graceUntil'>): void {
    const { freshUntil, graceUntil } = times
    this.#statements.setTimes.run(freshUntil, graceUntil, this.#scope.cache, storedText(id))
  }

  remove(ids: readonly string[], cause: RemovalCause): void {
    if (ids.length === 0) return
    const { cache, events, counts } = this.#scope
    for (const { collection, bytes } of this.#statements.remove.all(cache, storedTexts(ids))) {
      events.removed(String(collection), cause)
      counts.removed(cache, bytes)
    }
  }

  /** Looks at `limit` rows of the cache, so that a small collection may take several pages. */
  scan(collection: string, cursor: string | undefined, limit: number): ScanPage {
    // One more than is looked at: it is where the next page begins.
    const rows = this.#statements.scan.all(this.#scope.cache, cursor ?? '', limit + 1)
    const next = rows.length > limit ? rows.pop()?.['id'] : undefined
    const keys = rows.flatMap((row) => {
      const id = originalText(row['id'])
      return id !== undefined && originalText(row['collection']) === collection ? [id] : []
    })
    return { keys, cursor: typeof next === 'string' ? next : undefined }
  }

  /** Rows of the file as they lie in it, which is by far the quickest; others' are passed over. */
  sweepPage(cursor: string | undefined, limit: number): SweepPage {
    const rows = this.#statements.page.all(BigInt(cursor ?? 0), limit)
    const heads: SweptHead[] = []
    for (const columns of rows) {
      const { cache } = columns
      if (typeof cache === 'bigint' && Number(cache) !== this.#scope.cache) continue
      const head = headOfColumns(columns)
      if (head === undefined) this.#noteBroken(columns)
      else heads.push({ ...head, ...this.#useOf(head.id, columns) })
    }
    const last = rows.length < limit ? undefined : rows.at(-1)?.['row']
    return { heads, cursor: last === undefined ? undefined : String(last) }
  }

  /** Of a row whose time of reading is broken, nothing is known but that it is there. */
  #useOf(id: string, { read_at, bytes }: Columns): Pick<SweptHead, 'readAt' | 'bytes'> {
    const written = isNumber(read_at) ? read_at : minuteOf(this.#scope.now())
    const minute = Math.max(written, this.#readTimes.of(id) ?? 0)
    return { readAt: endOfMinute(minute), bytes: isNumber(bytes) ? bytes : 0 }
  }

  /** Whether there is something for `writeDown`. */
  get owes(): boolean {
    return this.#readTimes.size > 0 || this.#broken.size > 0
  }

  /** Writes at most `limit` times of reading, and removes the broken rows that were found. */
  writeDown(limit: number): void {
    this.#dropBroken()
    for (const [id, minute] of this.#readTimes.take(limit)) {
      this.#statements.setRead.run(minute, this.#scope.cache, storedText(id), minute)
    }
  }

  #dropBroken(): void {
    for (const row of this.#broken) {
      const gone = this.#statements.drop.get(row)
      if (gone !== undefined) this.#scope.counts.removed(Number(gone['cache']), gone['bytes'])
    }
    this.#broken.clear()
  }

  /** A read may write nothing, so the row is counted now and removed later. */
  #noteBroken(columns: Columns): void {
    const { row, collection } = columns
    if (typeof row !== 'bigint' || this.#broken.has(row) || this.#broken.size >= MAX_BROKEN) return
    this.#broken.add(row)
    this.#scope.events.broken(collection)
  }
}
