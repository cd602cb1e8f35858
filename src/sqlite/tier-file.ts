/** A tier's file, open: one connection with one cache's rows. Made and replaced by `TierEngine`. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Random } from '../contracts/random.ts'
import { LockEngine, ShardEngine } from '../shard/index.ts'
import { CacheCounts } from './cache-counts.ts'
import { interrupted } from './call-outcome.ts'
import { cacheNumber } from './control-row.ts'
import { hasMoved, inodeIfSeen } from './file-inode.ts'
import { FileMark } from './file-mark.ts'
import { SqliteLocks } from './lock-rows.ts'
import { OldLog } from './old-log.ts'
import { openFile } from './open-file.ts'
import { QueueCounts } from './queue-counts.ts'
import { SqliteRows } from './sqlite-rows.ts'
import type { TierEvents } from './tier-events.ts'
import { inspectLayout, layOut } from './tier-layout.ts'
import { Transactions } from './transactions.ts'

export interface TierFileOptions {
  /** An absolute path, or `:memory:`. */
  readonly path: string
  /** Of the cache whose entries are used. */
  readonly name: string
  readonly maxBytes: number
  readonly busyTimeoutMs: number
  readonly now: () => number
  /** The host's clock, see `ShardRows`. */
  readonly monotonic: () => number
  readonly random: Random
}

export class TierFile {
  readonly rows: SqliteRows
  readonly shard: ShardEngine
  readonly locks: LockEngine
  readonly transactions: Transactions
  readonly counts: CacheCounts
  readonly mark: FileMark
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #inode: string | undefined
  readonly #logInode: string | undefined
  readonly #version: StatementSync

  /** @throws if the file cannot be opened, with what a person can do about it. */
  constructor(options: TierFileOptions, events: TierEvents, limitMs: number) {
    const { path, busyTimeoutMs, now, monotonic, random } = options
    let cache = 0
    const before = inodeIfSeen(path)
    this.#db = openFile({
      path,
      busyTimeoutMs,
      limitMs,
      synchronous: 'NORMAL',
      inspect: inspectLayout,
      layOut: (db) => {
        layOut(db, path, busyTimeoutMs)
        cache = cacheNumber(db, options.name)
      },
    })
    // Copies of pages that a savepoint may need again, of a tick's writes all together, would go to a file.
    this.#db.exec('PRAGMA temp_store = MEMORY')
    this.#path = path
    this.#inode = inodeIfSeen(path)
    this.#logInode = path === ':memory:' ? undefined : inodeIfSeen(`${path}-wal`)
    if (before !== undefined && before !== this.#inode) {
      this.#db.close()
      const { message, resultCode } = interrupted('It was replaced while it was being opened.')
      throw Object.assign(new Error(message), { errcode: resultCode })
    }
    this.mark = new FileMark(this.#db)
    this.counts = new CacheCounts(this.#db, new QueueCounts(this.#db, cache, now))
    const scope = { db: this.#db, cache, now, events, counts: this.counts }
    this.rows = new SqliteRows(scope, options.maxBytes)
    this.shard = new ShardEngine({ rows: this.rows, now, monotonic, random })
    const locks = new SqliteLocks(this.#db, cache)
    this.locks = new LockEngine({ rows: locks, now, monotonic, random })
    this.#version = this.#db.prepare('PRAGMA data_version')
    this.transactions = new Transactions(this.#db, busyTimeoutMs)
  }

  /** Another file stands at the path, or none: what is written here reaches nobody. */
  get moved(): boolean {
    return hasMoved(this.#path, this.#inode)
  }

  /** To be taken before the file is closed, where it has moved. */
  get oldLog(): OldLog {
    return new OldLog({ path: this.#path, inode: this.#inode, logInode: this.#logInode })
  }

  /** Another one whenever another connection has written. */
  get version(): unknown {
    return this.#version.get()?.['data_version']
  }

  /** A share of the file that is free pages goes back to the file system, a few at a time. */
  giveBack(): void {
    const { free } =
      this.#db
        .prepare(
          `SELECT (SELECT freelist_count FROM pragma_freelist_count) * 4
            > (SELECT page_count FROM pragma_page_count) AS free`,
        )
        .get() ?? {}
    if (free === 1) this.#db.exec(`PRAGMA incremental_vacuum(${PAGES_GIVEN_BACK})`)
  }

  /** What the log holds goes into the file, and both to the disk. @throws while another process keeps it from that */
  emptyLog(): void {
    const { busy } = this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {}
    if (busy === 0) return
    throw Object.assign(new Error('The log of the file is in use by another process.'), {
      errcode: 5,
    })
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }
}

const PAGES_GIVEN_BACK = 256
