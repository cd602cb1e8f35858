/**
 * The tables of a tier's file, and what makes a file one. `openTierFile` calls both functions.
 *
 * Numbers stand in REAL columns: those keep whole numbers to 2^53 and `Infinity`, and never hand out
 * an integer too large for JavaScript, whatever somebody else has written into them.
 */

import type { DatabaseSync } from 'node:sqlite'
import { inodeOf } from './file-inode.ts'
import { FileMark } from './file-mark.ts'
import { machineRun } from './machine-run.ts'
import { quoteName } from './quote-name.ts'
import { takeWriteLock } from './write-lock.ts'

/** `Tier` in ASCII: says in the file's header whose it is. */
export const APPLICATION_ID = 0x54696572
/** Raised when older releases could not work on the tables any more. */
export const LAYOUT_VERSION = 6
/** The first in which writes may wait. */
const QUEUE_LAYOUT = 3
/** The first in which numbers of buckets stand side by side. */
const PARTS_LAYOUT = 5

const NUMBERS = `
CREATE TABLE member_numbers (
  cache INTEGER, kind TEXT, member TEXT, number REAL,
  PRIMARY KEY (cache, kind, member)) WITHOUT ROWID;
CREATE INDEX numbers_by_age ON member_numbers (cache, number);
CREATE TABLE bucket_parts (cache INTEGER, part INTEGER, highest REAL, numbers BLOB);
CREATE UNIQUE INDEX buckets_by_part ON bucket_parts (cache, part);
CREATE TABLE bucket_steps (
  cache INTEGER, highest REAL, numbers BLOB, PRIMARY KEY (cache, highest)) WITHOUT ROWID;`
/** Without the version, so that a write that takes the place of another changes no index. */
const PENDING_BY_ID = 'CREATE INDEX pending_by_id ON pending (cache, id);'

const TABLES = `
CREATE TABLE machine (one INTEGER PRIMARY KEY CHECK (one = 1), run TEXT, inode TEXT);
CREATE TABLE caches (
  cache INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  epoch TEXT, sequence REAL, floor REAL, lease_floor REAL, tagged_floor REAL, lock_sequence REAL,
  entries INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0);
${NUMBERS}
CREATE TABLE leases (
  cache INTEGER, id TEXT, token TEXT, granted REAL, expires_at REAL, collection TEXT,
  PRIMARY KEY (cache, id)) WITHOUT ROWID;
CREATE TABLE intents (
  cache INTEGER, id TEXT, token TEXT, deadline REAL, tags TEXT, epoch TEXT, number REAL,
  PRIMARY KEY (cache, id, token)) WITHOUT ROWID;
CREATE INDEX intents_by_end ON intents (cache, deadline);
CREATE TABLE operations (
  cache INTEGER, session TEXT, operation REAL, at REAL,
  PRIMARY KEY (cache, session)) WITHOUT ROWID;
CREATE TABLE standings (
  cache INTEGER, session TEXT, instance TEXT, epoch TEXT, cursor REAL, at REAL,
  PRIMARY KEY (cache, session)) WITHOUT ROWID;
CREATE TABLE locks (
  cache INTEGER, name TEXT, owner TEXT, token REAL, expires_at REAL,
  PRIMARY KEY (cache, name)) WITHOUT ROWID;
CREATE TABLE pending (
  cache INTEGER, id TEXT, version REAL, collection TEXT, kind TEXT, epoch TEXT, first REAL,
  stored_at REAL, due_at REAL, ttl REAL, grace REAL, tags TEXT, removes TEXT, attempts REAL,
  taken INTEGER, marked INTEGER, bytes REAL, envelope BLOB);
${PENDING_BY_ID}
CREATE INDEX pending_by_due ON pending (cache, collection, epoch, due_at);
CREATE INDEX pending_by_first ON pending (cache, collection, first);
CREATE TABLE dead (
  cache INTEGER, id TEXT, version REAL, collection TEXT, kind TEXT, epoch TEXT, first REAL,
  stored_at REAL, due_at REAL, ttl REAL, grace REAL, tags TEXT, removes TEXT, attempts REAL,
  taken INTEGER, marked INTEGER, bytes REAL, envelope BLOB, error TEXT, died_at REAL);
CREATE UNIQUE INDEX dead_by_id ON dead (cache, id);
CREATE INDEX dead_by_collection ON dead (cache, collection, id);
CREATE INDEX dead_by_age ON dead (cache, died_at);
CREATE TABLE queues (
  cache INTEGER, collection TEXT, owner TEXT, until REAL, records REAL NOT NULL DEFAULT 0,
  bytes REAL NOT NULL DEFAULT 0, at REAL, PRIMARY KEY (cache, collection)) WITHOUT ROWID;
CREATE TABLE epochs (row INTEGER PRIMARY KEY, cache INTEGER, epoch TEXT, at REAL);
CREATE TABLE entries (
  row INTEGER PRIMARY KEY, cache INTEGER, id TEXT, collection TEXT, epoch TEXT, stamp REAL,
  stored_at REAL, fresh_until REAL, grace_until REAL, read_at REAL, tags TEXT, bytes REAL,
  envelope BLOB);
CREATE UNIQUE INDEX entries_by_id ON entries (cache, id);
CREATE INDEX entries_by_use ON entries (read_at);
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${LAYOUT_VERSION};
`

/** What waits in a file of a version before was acknowledged, so its tables are carried over. */
const FROM_QUEUE_LAYOUT = `
ALTER TABLE queues ADD COLUMN at REAL;
DROP INDEX pending_by_due;
DROP INDEX IF EXISTS pending_by_epoch;
CREATE INDEX pending_by_due ON pending (cache, collection, epoch, due_at);
CREATE INDEX dead_by_collection ON dead (cache, collection, id);
CREATE INDEX dead_by_age ON dead (cache, died_at);
`

/**
 * The table of buckets has had another name in each layout: processes of releases that would miss their changes
 * can follow a newer file no more. All numbers are drawn anew, as after a start of the machine: what waits is
 * carried out under whichever, and the rest is a cache.
 */
const RENUMBERED = `${NUMBERS}
UPDATE caches SET epoch = NULL;
DELETE FROM leases;
PRAGMA user_version = ${LAYOUT_VERSION};
`

/** Numbers of buckets stood among the others then. */
const FROM_BUCKETS_AS_ROWS = `
DROP TABLE numbers;
DROP INDEX pending_by_id;
${PENDING_BY_ID}${RENUMBERED}`

/** Each step rewrote the parts that it changed. */
const FROM_BUCKETS_IN_PARTS = `
DROP TABLE member_numbers;
DROP TABLE buckets;${RENUMBERED}`

/**
 * Refuses a file of a newer release, and one that holds something else. Reads only.
 *
 * @throws an error that says what to do about it.
 */
export function inspectLayout(db: DatabaseSync): void {
  // One statement, so one look: another process may lay the file out at this moment.
  const { owner, version, tables } =
    db
      .prepare(
        `SELECT (SELECT application_id FROM pragma_application_id) AS owner,
          (SELECT user_version FROM pragma_user_version) AS version,
          (SELECT count(*) FROM sqlite_schema) AS tables`,
      )
      .get() ?? {}
  if (owner === APPLICATION_ID) {
    if (Number(version) <= LAYOUT_VERSION) return
    throw new Error(
      `Its layout has version ${version}, this release knows up to ${LAYOUT_VERSION}. It was left as it is: use a newer release, or another file.`,
    )
  }
  if (tables === 0 && owner === 0) {
    // Must stand before the first table; has no effect on a file that has one.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL')
    return
  }
  throw new Error('It is the database of another program. It was left as it is: use another file.')
}

/**
 * Creates the tables unless another process has, and draws new numbers where that is due. The tables
 * of a release in which no writes could wait are replaced with all that is in them: it is a cache.
 *
 * Takes the write lock only where there is something to do: processes that write all the time would keep a
 * newcomer from it for long.
 */
export function layOut(db: DatabaseSync, path: string, busyTimeoutMs: number): void {
  if (isLaidOut(db, path)) return
  takeWriteLock(db, { begin: db.prepare('BEGIN IMMEDIATE'), busyTimeoutMs })
  try {
    const { owner, version } = headerOf(db)
    const known = owner === APPLICATION_ID ? Number(version) : 0
    if (known === QUEUE_LAYOUT) db.exec(FROM_QUEUE_LAYOUT)
    if (known >= QUEUE_LAYOUT && known < LAYOUT_VERSION) {
      db.exec(known < PARTS_LAYOUT ? FROM_BUCKETS_AS_ROWS : FROM_BUCKETS_IN_PARTS)
    } else if (known < LAYOUT_VERSION) {
      if (owner === APPLICATION_ID) dropTables(db)
      db.exec(TABLES)
    }
    recogniseMachine(db, path)
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function isLaidOut(db: DatabaseSync, path: string): boolean {
  const { owner, version } = headerOf(db)
  return owner === APPLICATION_ID && version === LAYOUT_VERSION && machineOf(db, path).isKnown
}

function headerOf(db: DatabaseSync): { readonly owner: unknown; readonly version: unknown } {
  const { application_id: owner } = db.prepare('PRAGMA application_id').get() ?? {}
  const { user_version: version } = db.prepare('PRAGMA user_version').get() ?? {}
  return { owner, version }
}

interface SeenMachine {
  readonly here: { readonly run: string; readonly inode: string }
  readonly known: Readonly<Record<string, unknown>> | undefined
  readonly isKnown: boolean
}

/** Where the file is, and where it was laid out. */
function machineOf(db: DatabaseSync, path: string): SeenMachine {
  const here = { run: machineRun(), inode: inodeOf(path) ?? '' }
  const known = db.prepare('SELECT run, inode FROM machine').get()
  const isSame = known?.['run'] === here.run && known['inode'] === here.inode
  return { here, known, isKnown: isSame && new FileMark(db).isKnown }
}

function dropTables(db: DatabaseSync): void {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  for (const { name } of tables) {
    if (typeof name === 'string' && !name.startsWith('sqlite_')) {
      db.exec(`DROP TABLE ${quoteName(name, 'table')}`)
    }
  }
}

/** Above what grants of locks can have been lost with the tail of a file. */
const LOCK_JUMP = 2 ** 21

/**
 * After a start of the machine, and in a file that is a copy or was put back, numbers may have been lost that are
 * already in use elsewhere. Without its epoch a shard draws a new one, and every entry is a miss;
 * intents stay, since their writers may be alive. After a start nobody is, and deadlines are on a
 * clock that began anew.
 */
function recogniseMachine(db: DatabaseSync, path: string): void {
  const { here, known, isKnown } = machineOf(db, path)
  if (isKnown) return
  db.exec(
    'UPDATE caches SET epoch = NULL; DELETE FROM member_numbers; DELETE FROM bucket_parts; DELETE FROM bucket_steps; DELETE FROM leases',
  )
  db.prepare(
    `UPDATE caches SET lock_sequence = max(lock_sequence, ?) + ${LOCK_JUMP}
      WHERE typeof(lock_sequence) = 'real'`,
  ).run(Date.now() * 1_000)
  if (known?.['run'] !== here.run) {
    db.exec(`DELETE FROM intents; DELETE FROM operations; DELETE FROM standings; DELETE FROM locks;
      UPDATE queues SET owner = NULL`)
  }
  db.prepare('INSERT OR REPLACE INTO machine VALUES (1, ?, ?)').run(here.run, here.inode)
  new FileMark(db).renew()
}
