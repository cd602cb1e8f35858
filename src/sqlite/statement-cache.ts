/** Prepared statements by their text, so that the same SQL is parsed once. Used by `DatabaseEngine`. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Statements kept; the least recently used leaves. Each holds a few kilobytes. */
const MAX_STATEMENTS = 256

export class StatementCache {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  get size(): number {
    return this.#statements.size
  }

  /** @throws what SQLite says of the text, or that it holds more than one statement. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    const statement = known ?? this.#parse(sql)
    // Taking it out and putting it back moves it to the young end of the map.
    this.#statements.delete(sql)
    this.#statements.set(sql, statement)
    if (this.#statements.size > MAX_STATEMENTS) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest)
        break
      }
    }
    return statement
  }

  #parse(sql: string): StatementSync {
    const statement = this.#db.prepare(sql)
    // SQLite prepares the first statement and leaves the rest, which would be silently lost.
    if (sql.slice(statement.sourceSQL.length).trim() !== '') {
      throw new Error('Expected one statement in each call, got more; use `transaction`.')
    }
    statement.setReadBigInts(true)
    return statement
  }
}
