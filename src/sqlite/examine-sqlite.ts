/**
 * Looks at a tier's file as a person on call would, without changing anything: a session would lay the
 * file out, and give a cache a row that has none.
 */

import type { DatabaseSync } from 'node:sqlite'
import { absolutePath } from './absolute-path.ts'
import { describeFault } from './describe-fault.ts'
import { APPLICATION_ID, LAYOUT_VERSION } from './tier-layout.ts'

export type SqliteExamination =
  | { readonly state: 'unreadable'; readonly fault: string }
  /** The database of another program, or none. */
  | { readonly state: 'foreign' }
  | {
      readonly state: 'answers'
      readonly layout: number
      /** What this release knows. */
      readonly layoutHere: number
      readonly caches: readonly SqliteCacheLine[]
      readonly fileBytes: number
      /** Of pages that hold nothing. */
      readonly freeBytes: number
      /** What a check of the file has found; empty: nothing. At most 10. */
      readonly damage: readonly string[]
    }

export interface SqliteCacheLine {
  readonly name: string
  readonly entries: number
  readonly bytes: number
  /** Entries by collection; empty: plain keys. At most 1,000 of them. */
  readonly collections: Readonly<Record<string, number>>
  /** Collections whose writes wait for the source, or were given up, or did once. */
  readonly queues: readonly string[]
}

/** Blocks the thread: for tools. @throws ConfigError if the path is none. */
export function examineSqlite(path: string): SqliteExamination {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(absolutePath(path), { readOnly: true, timeout: 1_000 })
    return examine(db)
  } catch (error) {
    return { state: 'unreadable', fault: describeFault(error).message }
  } finally {
    if (db?.isOpen) db.close()
  }
}

function examine(db: DatabaseSync): SqliteExamination {
  const number = (pragma: string): number =>
    Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0)
  if (number('application_id') !== APPLICATION_ID) return { state: 'foreign' }
  const layout = number('user_version')
  const pageBytes = number('page_size')
  const damage = db
    .prepare('PRAGMA quick_check(10)')
    .all()
    .map((row) => String(Object.values(row)[0]))
  return {
    state: 'answers',
    layout,
    layoutHere: LAYOUT_VERSION,
    caches: layout === LAYOUT_VERSION ? cachesOf(db) : [],
    fileBytes: number('page_count') * pageBytes,
    freeBytes: number('freelist_count') * pageBytes,
    damage: damage.length === 1 && damage[0] === 'ok' ? [] : damage,
  }
}

function cachesOf(db: DatabaseSync): readonly SqliteCacheLine[] {
  const collections = db.prepare(
    `SELECT collection, count(*) AS entries FROM entries
      WHERE cache = ? AND collection NOT GLOB '*[^A-Za-z0-9._-]*'
      GROUP BY collection ORDER BY collection LIMIT 1000`,
  )
  const queues = db.prepare(
    `SELECT collection FROM queues WHERE cache = ?1
      UNION SELECT collection FROM dead WHERE cache = ?1 ORDER BY collection LIMIT 1000`,
  )
  return db
    .prepare('SELECT cache, name, entries, bytes FROM caches ORDER BY name')
    .all()
    .map(({ cache, name, entries, bytes }) => ({
      name: String(name),
      entries: Number(entries),
      bytes: Number(bytes),
      collections: Object.fromEntries(
        collections
          .all(Number(cache))
          .map((row) => [String(row['collection']), Number(row['entries'])]),
      ),
      queues: queues.all(Number(cache)).map((row) => String(row['collection'])),
    }))
}
