/**
 * Opens an SQLite file in WAL mode, however many processes open or create it at the same moment.
 *
 * Called by the engines only, on the thread that will use the connection: everything here blocks.
 */

import type { DatabaseSync } from 'node:sqlite'
import { describeFault } from './describe-fault.ts'

export interface FileOptions {
  /** An absolute path, or `:memory:`. */
  readonly path: string
  readonly busyTimeoutMs: number
  /** Time that opening has while others hold the lock; it tries once at least. */
  readonly limitMs: number
  /**
   * `NORMAL`: a killed process loses nothing, a power cut the tail. `FULL`: each commit is on the
   * disk before it is answered. Neither corrupts the file.
   */
  readonly synchronous: 'NORMAL' | 'FULL'
  /** Looks at the file before anything of it is changed; what it throws is the reason to refuse. */
  readonly inspect?: (db: DatabaseSync) => void
  /** Lays out a new file, after `inspect`. May run in several processes at the same moment. */
  readonly layOut?: (db: DatabaseSync) => void
}

const RETRY_PAUSE_MS = 10
/** Bytes of log that are kept on the disk after a checkpoint. */
const LOG_SIZE_LIMIT = 16 * 1024 * 1024
/**
 * Pages of log after which a commit brings them into the file, instead of SQLite's 1,000: what is written
 * again and again is brought there once, and under load a commit in hundreds waits for it and not every fifth.
 */
const CHECKPOINT_PAGES = LOG_SIZE_LIMIT / 4096
/** Negative: kibibytes instead of pages. */
const PAGE_CACHE = -16_384

const BUSY = 5

/** @throws an error that says which file, and what a person can do about it. */
export function openFile(options: FileOptions): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    // Asked for at run time, so that who imports this room opens no file and gets no warning.
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    db = new DatabaseSync(options.path, { timeout: options.busyTimeoutMs })
    setUp(db, options)
    return db
  } catch (error) {
    if (db?.isOpen) db.close()
    const { message, resultCode } = describeFault(error)
    const named = new Error(`Cannot open ${options.path}: ${message}`, { cause: error })
    throw Object.assign(named, { errcode: resultCode })
  }
}

function setUp(db: DatabaseSync, options: FileOptions): void {
  const until = performance.now() + options.limitMs
  whileBusy(until, () => options.inspect?.(db))
  // The switch to WAL takes an exclusive lock without asking the busy handler, so it is tried again.
  whileBusy(until, () => enterWal(db, options.path))
  db.exec(`PRAGMA synchronous = ${options.synchronous}`)
  db.exec(`PRAGMA journal_size_limit = ${LOG_SIZE_LIMIT}`)
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  db.exec(`PRAGMA cache_size = ${PAGE_CACHE}`)
  whileBusy(until, () => options.layOut?.(db))
}

function enterWal(db: DatabaseSync, path: string): void {
  const { journal_mode: mode } = db.prepare('PRAGMA journal_mode = WAL').get() ?? {}
  if (mode === 'wal' || path === ':memory:') return
  throw new Error('The file system has no shared memory for its log; use a local disk.')
}

/** Runs `task` again while others hold the lock. The thread sleeps: there is nothing else to do. */
function whileBusy(until: number, task: () => void): void {
  for (;;) {
    try {
      task()
      return
    } catch (error) {
      if ((describeFault(error).resultCode & 0xff) !== BUSY || performance.now() > until)
        throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PAUSE_MS)
    }
  }
}
