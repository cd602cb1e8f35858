/**
 * The engine behind `openSqlite`: an SQLite file as a source of truth. Hosted by `sqlite-worker.ts`
 * and by `InlineTransport`.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { boundBytes } from './bound-bytes.ts'
import { type CallOutcome, type Fault, interrupted } from './call-outcome.ts'
import type { DatabaseCall, SqliteResult, SqliteStatement, SqliteValue } from './database-call.ts'
import { hasMoved, inodeIfSeen } from './file-inode.ts'
import { HeldFile, REOPEN_MS } from './held-file.ts'
import { openFile } from './open-file.ts'
import type { SqliteEngine } from './sqlite-engine.ts'
import { StatementCache } from './statement-cache.ts'
import { Transactions } from './transactions.ts'

/** Calls in one transaction at most, so that another process gets its turn at the lock. */
const MAX_CALLS = 1_000

/** Would end the transaction that the call shares with others of its tick. */
const TRANSACTION_CONTROL = /^\s*(begin|commit|end|rollback|savepoint|release)\b/i

/** Rows that it answers are none that it has written, as those of `RETURNING` are. */
const ONLY_READS = /^\s*(select|values)\b/i

interface DatabaseOptions {
  /** An absolute path, or `:memory:`. */
  readonly path: string
  readonly busyTimeoutMs: number
}

export class DatabaseEngine implements SqliteEngine {
  readonly #held: HeldFile<DatabaseFile>

  constructor(options: DatabaseOptions) {
    this.#held = new HeldFile({
      open: (limitMs) => new DatabaseFile(options, limitMs),
      monotonic: () => performance.now(),
    })
  }

  get fault(): Fault | undefined {
    return this.#held.fault
  }

  run(calls: readonly DatabaseCall[]): readonly CallOutcome[] {
    const file = this.#held.open()
    if (file === undefined) return failed(calls, this.fault ?? interrupted('The file is not open.'))
    if (file.moved) return failed(calls, TAKEN_AWAY)
    const outcomes = file.run(calls)
    // Looked at after the commit too: what was written into a file that is gone is not on any disk.
    return calls.some(({ kind }) => kind !== 'all') && file.moved
      ? failed(calls, TAKEN_AWAY)
      : outcomes
  }

  work(): number | undefined {
    if (this.#held.closed) return undefined
    return this.#held.open() === undefined ? REOPEN_MS : undefined
  }

  /** Nobody follows a source. */
  changed(): boolean {
    return false
  }

  close(): void {
    this.#held.close()
  }
}

/**
 * The path is not opened anew: a file that is being copied there is not whole yet, and an empty one in the
 * place of a source that was deleted would pass for it.
 */
const TAKEN_AWAY = interrupted(
  'The file was deleted or replaced while it was open: start the processes that use it again.',
)

function failed(calls: readonly DatabaseCall[], fault: Fault): readonly CallOutcome[] {
  return calls.map(() => ({ ok: false, fault }))
}

class DatabaseFile {
  readonly #path: string
  readonly #inode: string | undefined
  readonly #db: DatabaseSync
  readonly #statements: StatementCache
  readonly #transactions: Transactions

  /** @throws if the file cannot be opened, with what a person can do about it. */
  constructor(options: DatabaseOptions, limitMs: number) {
    this.#db = openFile({ ...options, limitMs, synchronous: 'FULL' })
    this.#path = options.path
    this.#inode = inodeIfSeen(options.path)
    this.#statements = new StatementCache(this.#db)
    this.#transactions = new Transactions(this.#db, options.busyTimeoutMs)
  }

  run(calls: readonly DatabaseCall[]): readonly CallOutcome[] {
    // Calls keep their order, as on any connection: reads before the first write need no lock.
    const firstWrite = calls.findIndex((call) => call.kind !== 'all')
    const reads = firstWrite === -1 ? calls : calls.slice(0, firstWrite)
    const outcomes = [...this.#transactions.read(reads.map((call) => () => this.#answer(call)))]
    for (let from = reads.length; from < calls.length; from += MAX_CALLS) {
      const steps = calls.slice(from, from + MAX_CALLS).map((call) => () => this.#answer(call))
      outcomes.push(...this.#transactions.write(steps))
    }
    return outcomes
  }

  /** What is written here reaches nobody. */
  get moved(): boolean {
    return hasMoved(this.#path, this.#inode)
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #answer(call: DatabaseCall): unknown {
    if (call.kind === 'transaction') return call.statements.map((one) => this.#execute(one))
    if (call.kind === 'all') return rowsOf(this.#prepare(call.sql), call.params)
    return { changes: changesOf(this.#prepare(call.sql), call.params) }
  }

  #execute({ sql, params }: Required<SqliteStatement>): SqliteResult {
    const statement = this.#prepare(sql)
    if (statement.columns().length === 0) return { rows: [], changes: changesOf(statement, params) }
    if (ONLY_READS.test(sql)) return { rows: rowsOf(statement, params), changes: 0 }
    const before = this.#totalChanges()
    const rows = rowsOf(statement, params)
    return { rows, changes: this.#totalChanges() - before }
  }

  #totalChanges(): number {
    const { total } = this.#statements.prepare('SELECT total_changes() AS total').get() ?? {}
    return Number(total)
  }

  #prepare(sql: string): StatementSync {
    if (TRANSACTION_CONTROL.test(sql)) {
      throw new Error('Transactions are begun and ended by `transaction`, not by a statement.')
    }
    return this.#statements.prepare(sql)
  }
}

function changesOf(statement: StatementSync, params: readonly SqliteValue[]): number {
  return Number(statement.run(...params.map(bound)).changes)
}

function rowsOf(
  statement: StatementSync,
  params: readonly SqliteValue[],
): readonly Readonly<Record<string, SqliteValue>>[] {
  return statement.all(...params.map(bound)).map((row) => {
    // Read as bigints, since a number too large for JavaScript makes the whole read fail otherwise.
    for (const [column, value] of Object.entries(row)) {
      if (typeof value === 'bigint' && Number.isSafeInteger(Number(value)))
        row[column] = Number(value)
    }
    return { ...row }
  })
}

function bound(value: SqliteValue): SqliteValue {
  return value instanceof Uint8Array ? boundBytes(value) : value
}
