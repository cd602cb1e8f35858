/** What `openSqlite` asks of `DatabaseEngine`. */

/** What SQLite can hold. Integers beyond 2^53 are read as `bigint`, all others as `number`. */
export type SqliteValue = null | number | bigint | string | Uint8Array

export interface SqliteStatement {
  readonly sql: string
  /** For the `?` of the statement, in order. @default [] */
  readonly params?: readonly SqliteValue[]
}

/** What one statement of a transaction brought. */
export interface SqliteResult {
  readonly rows: readonly Readonly<Record<string, SqliteValue>>[]
  /** Rows that were inserted, updated or deleted. */
  readonly changes: number
}

export type DatabaseCall =
  | ({ readonly kind: 'all' | 'run' } & Required<SqliteStatement>)
  | { readonly kind: 'transaction'; readonly statements: readonly Required<SqliteStatement>[] }
