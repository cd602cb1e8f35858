/**
 * An SQLite file as a source of truth, for `sqliteTable` and for statements of one's own.
 *
 * SQLite blocks the thread that calls it, for the time of a disk write or of a lock, so the file is
 * held by a worker.
 */

import type { Clock } from '../contracts/clock.ts'
import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import { absolutePath } from './absolute-path.ts'
import type { Fault } from './call-outcome.ts'
import { CallQueue } from './call-queue.ts'
import { compactBytes } from './compact-bytes.ts'
import type { DatabaseCall, SqliteResult, SqliteStatement, SqliteValue } from './database-call.ts'
import { DatabaseEngine } from './database-engine.ts'
import { InlineTransport } from './inline-transport.ts'
import { locatedFault } from './located-fault.ts'
import { SqliteError } from './sqlite-error.ts'
import { WorkerTransport } from './worker-transport.ts'

export interface SqliteDatabaseOptions {
  /** `inline` blocks the calling thread: for tools and tests. @default 'worker' */
  readonly thread?: 'worker' | 'inline'
  /** Time to wait while another process writes, milliseconds. @default 1000 */
  readonly busyTimeoutMs?: number
}

/**
 * The calls of one tick travel together, in order, and share one transaction and one commit; a
 * statement that fails fails alone. What is answered is on the disk.
 */
export interface SqliteDatabase extends AsyncDisposable {
  /**
   * Resolves when the file is open. What keeps it from being opened is told, and tried again by itself, so
   * that the next `ready` may resolve.
   *
   * @throws SqliteError if the file cannot be opened now, with what a person can do about it.
   */
  ready(): Promise<void>
  /** Answers the rows, of writing statements with `RETURNING` too. */
  all<Row = Record<string, SqliteValue>>(
    sql: string,
    params?: readonly SqliteValue[],
  ): Promise<Row[]>
  run(sql: string, params?: readonly SqliteValue[]): Promise<{ readonly changes: number }>
  /** All of the statements or none. */
  transaction(statements: readonly SqliteStatement[]): Promise<readonly SqliteResult[]>
  /** Answers what was asked before, then closes the file. Safe to call twice. */
  close(): Promise<void>
}

const OPTIONS: Known<SqliteDatabaseOptions> = { thread: true, busyTimeoutMs: true }
const DEFAULT_BUSY_TIMEOUT_MS = 1_000
/** Primary result codes of what is wrong with a statement or its values, whatever file it is for. */
const OF_STATEMENTS = [0, 1, 18, 19, 20, 25]

/**
 * Opens the file, creating it if it is not there. Returns at once; calls wait until it is open.
 *
 * @throws ConfigError if an option cannot work.
 */
export function openSqlite(path: string, options: SqliteDatabaseOptions = {}): SqliteDatabase {
  checkKnown(options, OPTIONS)
  const busyTimeoutMs = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS
  if (!Number.isInteger(busyTimeoutMs) || busyTimeoutMs < 0) {
    throw new ConfigError({
      field: 'busyTimeoutMs',
      expected: 'a whole number of milliseconds from 0',
      actual: busyTimeoutMs,
    })
  }
  const file = { path: absolutePath(path), busyTimeoutMs }
  const transport =
    options.thread === 'inline'
      ? new InlineTransport(immediate, new DatabaseEngine(file))
      : new WorkerTransport({ kind: 'database', ...file }, () => {})
  const toError = (fault: Fault): SqliteError =>
    new SqliteError(
      OF_STATEMENTS.includes(fault.resultCode & 0xff) ? fault : locatedFault(fault, file.path),
    )
  const queue = new CallQueue(transport, toError)
  const ask = async (call: DatabaseCall): Promise<unknown> => queue.ask(call)
  return {
    async ready() {
      const fault = await transport.opened()
      if (fault !== undefined) throw toError(fault)
    },
    all: async <Row>(sql: string, params: readonly SqliteValue[] = []) =>
      (await ask({ kind: 'all', ...sendable({ sql, params }) })) as Row[],
    run: async (sql, params = []) =>
      (await ask({ kind: 'run', ...sendable({ sql, params }) })) as { changes: number },
    transaction: async (statements) =>
      (await ask({ kind: 'transaction', statements: statements.map(sendable) })) as SqliteResult[],
    close: () => queue.close(),
    [Symbol.asyncDispose]: () => queue.close(),
  }
}

/** Enough of a clock for calls that run on this thread: nothing but another try to open waits for later. */
const immediate: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, task) {
    if (delayMs > 0) {
      const timer = setTimeout(task, delayMs).unref()
      return () => clearTimeout(timer)
    }
    const scheduled = setImmediate(task)
    return () => clearImmediate(scheduled)
  },
}

/**
 * A copy that no later change of the caller's array reaches.
 *
 * @throws ArgumentError for a parameter that SQLite cannot hold; it would fail the calls of others,
 *   since what cannot be copied to the worker stops the whole message.
 */
function sendable({ sql, params = [] }: SqliteStatement): Required<SqliteStatement> {
  const copied = params.map((value, index) => {
    if (value instanceof Uint8Array) return compactBytes(value)
    if (value === null || ['number', 'bigint', 'string'].includes(typeof value)) return value
    throw new ArgumentError({
      field: `params[${index}]`,
      expected: 'null, a number, a bigint, a string or a Uint8Array',
      actual: value,
    })
  })
  return { sql: String(sql), params: copied }
}
