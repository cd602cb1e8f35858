/**
 * The writes of one cache that wait for the source, in the file. Part of `SqliteRows`.
 *
 * A row that makes no sense is never removed: it was acknowledged once. It is not found either, and
 * stays for a person to look at.
 */

import type { StatementSync } from 'node:sqlite'
import type { Backlog, QueuePage, WriteKind } from '../contracts/pending-steps.ts'
import type { DeadRow, PendingRow, PendingRows, QueueOwner } from '../shard/index.ts'
import { boundBytes } from './bound-bytes.ts'
import { type Columns, isNumber, storedTags, tagsOf } from './entry-of-columns.ts'
import type { CacheScope } from './entry-rows.ts'
import { prepareAll } from './prepare-all.ts'
import type { QueueCounts } from './queue-counts.ts'
import { originalText, storedText, storedTexts } from './stored-text.ts'

const COLUMNS = `id, version, collection, kind, epoch, first, stored_at, due_at, ttl, grace, tags,
  removes, attempts, taken, marked, bytes, envelope`
const PLACES = COLUMNS.split(',')
  .map((_, at) => `?${at + 2}`)
  .join(', ')

/** Of each key its earliest write. */
const IS_FIRST = `NOT EXISTS (SELECT 1 FROM pending AS earlier WHERE earlier.cache = pending.cache
  AND earlier.id = pending.id AND earlier.version < pending.version)`

const OWN_EPOCH = '(SELECT epoch FROM caches WHERE cache = ?1)'

/** A write from the future was taken before the clock was set back. */
const CLOCK_SLACK_MS = 1_000
const MAX_EPOCHS = 16
/** Dead letters kept; of more, the oldest are forgotten. */
const MAX_DEAD = 10_000
/** Between two looks for more than are kept, so many letters are buried: that many more may be there. */
const FORGET_EVERY = 100

const STATEMENTS = {
  some: 'SELECT 1 FROM pending WHERE cache = ? LIMIT 1',
  find: `SELECT ${COLUMNS} FROM pending WHERE cache = ?
    AND id IN (SELECT value FROM json_each(?)) ORDER BY version`,
  at: `SELECT ${COLUMNS} FROM pending WHERE cache = ? AND id = ? AND version = ?`,
  // There is none: but for a row that somebody else has made, and that is not found.
  put: `INSERT INTO pending (cache, ${COLUMNS}) SELECT ?1, ${PLACES}
    WHERE NOT EXISTS (SELECT 1 FROM pending WHERE cache = ?1 AND id = ?2 AND version = ?3)`,
  // Leaves alone what the indices are made of: most of what a write costs.
  replace: `UPDATE pending SET version = ?, kind = ?, stored_at = ?, ttl = ?, grace = ?, tags = ?,
    removes = ?, attempts = ?, taken = ?, marked = ?, bytes = ?, envelope = ?
    WHERE cache = ? AND id = ? AND version = ?`,
  take: 'UPDATE pending SET taken = 1 WHERE cache = ? AND id = ? AND version = ?',
  revise: `UPDATE pending SET first = ?, due_at = ?, attempts = ?, taken = ?, marked = ?
    WHERE cache = ? AND id = ? AND version = ?`,
  remove:
    'DELETE FROM pending WHERE cache = ? AND id = ? AND version = ? RETURNING collection, bytes',
  due: `SELECT ${COLUMNS} FROM pending WHERE cache = ? AND collection = ? AND epoch = ?
    AND due_at <= ? AND ${IS_FIRST} ORDER BY due_at LIMIT ?`,
  seen: 'SELECT at FROM queues WHERE cache = ? AND collection = ?',
  setSeen: 'UPDATE queues SET at = ? WHERE cache = ? AND collection = ?',
  saw: 'UPDATE queues SET at = max(coalesce(at, 0), ?) WHERE cache = ? AND collection = ?',
  hurryFuture: `UPDATE pending SET due_at = ?1 WHERE cache = ?2 AND collection = ?3
    AND due_at > ?1 AND (stored_at > ?4 OR attempts > 0)`,
  // Two ranges of an index: nearly all rows are of the epoch, and a comparison for "not" reads them all.
  foreign: `SELECT ${COLUMNS} FROM pending WHERE rowid IN (
      SELECT rowid FROM pending WHERE cache = ?1 AND collection = ?2 AND epoch < ?3
      UNION ALL SELECT rowid FROM pending WHERE cache = ?1 AND collection = ?2 AND epoch > ?3)
    AND ${IS_FIRST} ORDER BY due_at LIMIT ?4`,
  // Those of another epoch are due whenever they are asked for.
  nextDue: `SELECT due_at AS at FROM pending WHERE cache = ?1 AND collection = ?2
    AND epoch = ${OWN_EPOCH} AND ${IS_FIRST} ORDER BY due_at LIMIT 1`,
  // What was written first has waited longest, but for writes that stand for earlier ones.
  oldest: `SELECT stored_at AS at FROM pending WHERE cache = ? AND collection = ?
    ORDER BY first LIMIT 1`,
  upTo: 'SELECT 1 FROM pending WHERE cache = ? AND collection = ? AND first <= ? LIMIT 1',
  keyUpTo: 'SELECT 1 FROM pending WHERE cache = ? AND id = ? AND first <= ? LIMIT 1',
  // Asked again and again while a flush waits: what is due already is not written once more.
  hurry: `UPDATE pending SET due_at = ?2 WHERE cache = ?1 AND collection = ?3 AND epoch = ${OWN_EPOCH}
    AND due_at > ?2 AND attempts = 0 AND first <= ?4`,
  hurryKey: `UPDATE pending SET due_at = ?2 WHERE cache = ?1 AND id = ?3 AND due_at > ?2
    AND attempts = 0 AND first <= ?4`,
  older:
    'SELECT id, collection, version FROM pending WHERE cache = ? AND version < ? AND marked = 0',
  mark: 'UPDATE pending SET marked = 1 WHERE cache = ? AND id = ? AND version = ?',
  ids: 'SELECT DISTINCT id FROM pending WHERE cache = ? AND collection = ?',
  page: `SELECT ${COLUMNS} FROM pending WHERE cache = ? AND collection = ? AND id IN
    (SELECT DISTINCT id FROM pending WHERE cache = ? AND collection = ? AND id > ? ORDER BY id LIMIT ?)
    ORDER BY id, version`,
  highest: 'SELECT max(version) AS version FROM pending WHERE cache = ?',
  owner: 'SELECT owner, until FROM queues WHERE cache = ? AND collection = ?',
  own: `INSERT INTO queues (cache, collection, owner, until) VALUES (?, ?, ?, ?)
    ON CONFLICT (cache, collection) DO UPDATE SET owner = excluded.owner, until = excluded.until`,
  putDead: `INSERT OR REPLACE INTO dead (cache, ${COLUMNS}, error, died_at)
    VALUES (?1, ${PLACES}, ?, ?)`,
  forgetDead: `DELETE FROM dead WHERE cache = ? AND id IN (SELECT id FROM dead WHERE cache = ?
    ORDER BY died_at DESC LIMIT -1 OFFSET ${MAX_DEAD})`,
  findDead: `SELECT ${COLUMNS}, error, died_at FROM dead WHERE cache = ?
    AND id IN (SELECT value FROM json_each(?))`,
  removeDead: 'DELETE FROM dead WHERE cache = ? AND id IN (SELECT value FROM json_each(?))',
  deadPage: `SELECT ${COLUMNS}, error, died_at FROM dead WHERE cache = ? AND collection = ?
    AND id > ? ORDER BY id LIMIT ?`,
  deadCount: 'SELECT count(*) AS count FROM dead WHERE cache = ? AND collection = ?',
  hasDead: 'SELECT 1 FROM dead WHERE cache = ? LIMIT 1',
  epochs: 'SELECT epoch FROM epochs WHERE cache = ? ORDER BY at DESC, row DESC LIMIT ?',
  noteEpoch: 'INSERT INTO epochs (cache, epoch, at) VALUES (?, ?, ?)',
  forgetEpochs: `DELETE FROM epochs WHERE cache = ? AND row NOT IN
    (SELECT row FROM epochs WHERE cache = ? ORDER BY at DESC, row DESC LIMIT ?)`,
} as const

export class SqlitePending implements PendingRows {
  readonly #cache: number
  readonly #now: () => number
  readonly #counts: QueueCounts
  /** Dead letters, by this process. */
  #buried = 0
  readonly #statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>

  constructor({ db, cache, now, counts }: CacheScope) {
    this.#cache = cache
    this.#now = now
    this.#counts = counts.queues
    this.#statements = prepareAll(db, STATEMENTS)
  }

  find(ids: readonly string[]): ReadonlyMap<string, PendingRow> {
    const found = new Map<string, PendingRow>()
    // Most readers have nothing that waits, and are to pay for no search.
    if (ids.length === 0 || this.#statements.some.get(this.#cache) === undefined) return found
    for (const columns of this.#statements.find.all(this.#cache, storedTexts(ids))) {
      const row = rowOf(columns)
      if (row !== undefined) found.set(row.id, row)
    }
    return found
  }

  at(id: string, version: number): PendingRow | undefined {
    const columns = this.#statements.at.get(this.#cache, storedText(id), version)
    return columns && rowOf(columns)
  }

  put(row: PendingRow): void {
    const { changes } = this.#statements.put.run(this.#cache, ...valuesOf(row))
    if (Number(changes) === 0) {
      this.remove(row.id, row.version)
      this.#statements.put.run(this.#cache, ...valuesOf(row))
    }
    this.#counts.count(row.collection, 1, row.envelope.byteLength)
  }

  replace(earlier: PendingRow, row: PendingRow): void {
    const { id, collection, epoch, first, dueAt, version, envelope } = earlier
    const staysInPlace = row.epoch === epoch && row.first === first && row.dueAt === dueAt
    if (!staysInPlace || row.collection !== collection) {
      this.remove(id, version)
      this.put(row)
      return
    }
    const place = [this.#cache, storedText(id), version] as const
    const { changes } = this.#statements.replace.run(...renewedOf(row), ...place)
    const bytes = row.envelope.byteLength - envelope.byteLength
    if (Number(changes) > 0) this.#counts.count(collection, 0, bytes)
    else this.put(row)
  }

  take(rows: readonly PendingRow[]): void {
    for (const { id, version } of rows) {
      this.#statements.take.run(this.#cache, storedText(id), version)
    }
  }

  revise({ id, version, collection, first, dueAt, attempts, taken, marked }: PendingRow): void {
    // A clock that is set back after this would have it wait until it has caught up.
    if (attempts > 0) this.#statements.saw.run(this.#now(), this.#cache, storedText(collection))
    const place = [this.#cache, storedText(id), version] as const
    this.#statements.revise.run(first, dueAt, attempts, taken ? 1 : 0, marked ? 1 : 0, ...place)
  }

  remove(id: string, version: number): void {
    const gone = this.#statements.remove.get(this.#cache, storedText(id), version)
    const collection = originalText(gone?.['collection'])
    if (collection !== undefined) this.#counts.count(collection, -1, -Number(gone?.['bytes']))
  }

  due({ collection, epoch, now, limit }: Parameters<PendingRows['due']>[0]): readonly PendingRow[] {
    const { due, foreign } = this.#statements
    const of = storedText(collection)
    this.#hurryFuture(of, now)
    const others = rowsOf(foreign.all(this.#cache, of, epoch, limit))
    if (others.length >= limit) return others
    const left = limit - others.length
    const own = due.all(this.#cache, of, epoch, now, left)
    return [...others, ...rowsOf(own)]
  }

  /** Once the clock was set back: what was queued before would wait for it to catch up. */
  #hurryFuture(of: string, now: number): void {
    const { seen, setSeen, hurryFuture } = this.#statements
    const { at } = seen.get(this.#cache, of) ?? {}
    if (!isNumber(at) || now >= at - CLOCK_SLACK_MS) return
    hurryFuture.run(now, this.#cache, of, now + CLOCK_SLACK_MS)
    setSeen.run(now, this.#cache, of)
  }

  nextDue(collection: string): number | undefined {
    return momentOf(this.#statements.nextDue.get(this.#cache, storedText(collection)))
  }

  oldest(collection: string): number | undefined {
    return momentOf(this.#statements.oldest.get(this.#cache, storedText(collection)))
  }

  hasUpTo(collection: string, version: number, id: string | undefined): boolean {
    const { upTo, keyUpTo } = this.#statements
    const found =
      id === undefined
        ? upTo.get(this.#cache, storedText(collection), version)
        : keyUpTo.get(this.#cache, storedText(id), version)
    return found !== undefined
  }

  backlog(collection: string): Backlog {
    return this.#counts.backlog(collection)
  }

  setDue(
    collection: string,
    { id, upTo = Number.MAX_SAFE_INTEGER }: Parameters<PendingRows['setDue']>[1],
    dueAt: number,
  ): void {
    const { hurry, hurryKey } = this.#statements
    if (id === undefined) hurry.run(this.#cache, dueAt, storedText(collection), upTo)
    else hurryKey.run(this.#cache, dueAt, storedText(id), upTo)
  }

  mark(version: number, matches: Parameters<PendingRows['mark']>[1]): void {
    for (const columns of this.#statements.older.all(this.#cache, version)) {
      const id = originalText(columns['id'])
      const collection = originalText(columns['collection'])
      if (id === undefined || collection === undefined || !matches({ id, collection })) continue
      this.#statements.mark.run(this.#cache, storedText(id), Number(columns['version']))
    }
  }

  ids(collection: string): readonly string[] {
    const rows = this.#statements.ids.all(this.#cache, storedText(collection))
    return rows.flatMap((row) => originalText(row['id']) ?? [])
  }

  page(collection: string, { id, cursor, limit }: QueuePage): ReturnType<PendingRows['page']> {
    if (id !== undefined) {
      const found = this.#statements.find.all(this.#cache, storedTexts([id]))
      return { rows: rowsOf(found), cursor: undefined }
    }
    const of = storedText(collection)
    const after = cursor === undefined ? '' : storedText(cursor)
    const found = this.#statements.page.all(this.#cache, of, this.#cache, of, after, limit)
    const last = originalText(found.at(-1)?.['id'])
    const keys = new Set(found.map((columns) => columns['id'])).size
    return { rows: rowsOf(found), cursor: keys < limit ? undefined : last }
  }

  highestVersion(): number {
    const { version } = this.#statements.highest.get(this.#cache) ?? {}
    return isNumber(version) ? version : 0
  }

  owner(collection: string): QueueOwner | undefined {
    const { owner, until } = this.#statements.owner.get(this.#cache, storedText(collection)) ?? {}
    return typeof owner === 'string' && isNumber(until) ? { owner, until } : undefined
  }

  putOwner(collection: string, given: QueueOwner | undefined): void {
    const { owner = null, until = null } = given ?? {}
    this.#statements.own.run(this.#cache, storedText(collection), owner, until)
  }

  putDead(row: DeadRow): void {
    this.#statements.putDead.run(this.#cache, ...valuesOf(row), row.error, row.diedAt)
    if (this.#buried % FORGET_EVERY === 0) {
      this.#statements.forgetDead.run(this.#cache, this.#cache)
    }
    this.#buried += 1
  }

  findDead(ids: readonly string[]): ReadonlyMap<string, DeadRow> {
    const found = this.#statements.findDead.all(this.#cache, storedTexts(ids))
    return new Map(deadRowsOf(found).map((row) => [row.id, row]))
  }

  /** Asked by each write, and there are hardly ever any. */
  removeDead(ids: readonly string[]): number {
    if (this.#statements.hasDead.get(this.#cache) === undefined) return 0
    return Number(this.#statements.removeDead.run(this.#cache, storedTexts(ids)).changes)
  }

  deadPage(
    collection: string,
    { id, cursor, limit }: QueuePage,
  ): ReturnType<PendingRows['deadPage']> {
    if (id !== undefined) return { rows: [...this.findDead([id]).values()], cursor: undefined }
    const after = cursor === undefined ? '' : storedText(cursor)
    const found = this.#statements.deadPage.all(
      this.#cache,
      storedText(collection),
      after,
      limit + 1,
    )
    const rows = deadRowsOf(found.slice(0, limit))
    return { rows, cursor: found.length > limit ? rows.at(-1)?.id : undefined }
  }

  deadCount(collection: string): number {
    const { count } = this.#statements.deadCount.get(this.#cache, storedText(collection)) ?? {}
    return Number(count ?? 0)
  }

  epochs(): readonly string[] {
    const rows = this.#statements.epochs.all(this.#cache, MAX_EPOCHS)
    return rows.flatMap(({ epoch }) => (typeof epoch === 'string' ? epoch : []))
  }

  noteEpoch(epoch: string): void {
    this.#statements.noteEpoch.run(this.#cache, epoch, this.#now())
    this.#statements.forgetEpochs.run(this.#cache, this.#cache, MAX_EPOCHS)
  }
}

function valuesOf(row: PendingRow): (string | number | Uint8Array | null)[] {
  const { id, version, collection, kind, epoch, first, storedAt, dueAt, ttlMs, graceMs } = row
  const { tags, removes, attempts, taken, marked, envelope } = row
  return [
    storedText(id),
    version,
    storedText(collection),
    kind,
    epoch,
    first,
    storedAt,
    dueAt,
    ttlMs,
    graceMs,
    storedTags(tags),
    storedTags(removes),
    attempts,
    taken ? 1 : 0,
    marked ? 1 : 0,
    envelope.byteLength,
    boundBytes(envelope),
  ]
}

/** What a later write of a key changes of a row that stays where it is in every index. */
function renewedOf(row: PendingRow): (string | number | Uint8Array | null)[] {
  const { version, kind, storedAt, ttlMs, graceMs, attempts, taken, marked, envelope } = row
  return [
    ...[version, kind, storedAt, ttlMs, graceMs],
    ...[storedTags(row.tags), storedTags(row.removes)],
    ...[attempts, taken ? 1 : 0, marked ? 1 : 0],
    ...[envelope.byteLength, boundBytes(envelope)],
  ]
}

const KINDS: readonly unknown[] = ['create', 'put', 'remove']

/** `undefined`: the row is broken. */
function rowOf(columns: Columns): PendingRow | undefined {
  const { version, kind, epoch, first, envelope, ttl: ttlMs, grace: graceMs, attempts } = columns
  const { stored_at: storedAt, due_at: dueAt, taken, marked } = columns
  const id = originalText(columns['id'])
  const collection = originalText(columns['collection'])
  const tags = tagsOf(columns['tags'])
  const removes = tagsOf(columns['removes'])
  if (id === undefined || collection === undefined || typeof epoch !== 'string') return undefined
  if (tags === undefined || removes === undefined || !KINDS.includes(kind)) return undefined
  if (!isNumber(version) || !isNumber(first) || !isNumber(storedAt) || !isNumber(dueAt))
    return undefined
  if (!isNumber(ttlMs) || !isNumber(graceMs) || !isNumber(attempts)) return undefined
  if (!(envelope instanceof Uint8Array)) return undefined
  return {
    id,
    collection,
    kind: kind as WriteKind,
    epoch,
    version,
    first,
    storedAt,
    dueAt,
    ttlMs,
    graceMs,
    tags,
    removes,
    attempts,
    taken: taken === 1,
    marked: marked === 1,
    envelope,
  }
}

function rowsOf(rows: readonly Columns[]): readonly PendingRow[] {
  return rows.flatMap((columns) => rowOf(columns) ?? [])
}

function deadRowsOf(rows: readonly Columns[]): readonly DeadRow[] {
  return rows.flatMap((columns) => {
    const { error, died_at: diedAt } = columns
    const row = rowOf(columns)
    if (row === undefined || typeof error !== 'string' || !isNumber(diedAt)) return []
    return [{ ...row, error, diedAt }]
  })
}

function momentOf(columns: Columns | undefined): number | undefined {
  const at = columns?.['at']
  return isNumber(at) ? at : undefined
}
