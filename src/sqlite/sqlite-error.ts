import type { Fault } from './call-outcome.ts'

/** A statement that failed, or a database that cannot be asked. Thrown by `openSqlite`'s database. */
export class SqliteError extends Error {
  /** SQLite's extended result code, see sqlite.org/rescode.html; 0 for a refused argument, 9 without an answer. */
  readonly resultCode: number

  constructor(fault: Fault) {
    super(fault.message)
    this.name = 'SqliteError'
    this.resultCode = fault.resultCode
  }
}
