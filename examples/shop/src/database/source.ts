import type { CacheKey, Store } from 'tiercel'
import type { Place } from './place.ts'
import type { Schema } from './schema.ts'
import type { CountedCalls } from './source-calls.ts'

export interface SourceStatement {
  readonly sql: string
  readonly params?: readonly (string | number)[]
}

export interface SourceTable {
  readonly table: string
  readonly key: string
  /** Where the versions of what is written are kept. Absent: the table is only read. */
  readonly versions?: string
}

/**
 * The shop's system of record, in SQLite (`sqlite-source.ts`) or PostgreSQL (`postgres-source.ts`).
 *
 * Statements are written so that both understand them: `$1` is the first of `params`, and names with
 * capitals are quoted.
 */
export interface Source {
  readonly place: Place<'sqlite' | 'postgres'>
  readonly schema: Schema
  /** What this process has asked of it so far. */
  readonly calls: () => CountedCalls
  /** Answers the rows, of writing statements with `RETURNING` too. */
  all<Row>(sql: string, params?: readonly (string | number)[]): Promise<readonly Row[]>
  /** All of the statements or none. */
  transaction(statements: readonly SourceStatement[]): Promise<void>
  /** A table as the store of a collection; values are its rows. */
  table<K extends CacheKey, V>(options: SourceTable): Store<K, V>
  close(): Promise<void>
}
