/**
 * The revision of a row: a number in a column of its own that whoever changes the row raises, so that a
 * write can tell whether the row is still the one that was read.
 *
 * Compared as text, in which no row at all is a revision too. Used by `sqliteTable` and its versions.
 */

import type { CacheKey } from '../contracts/source.ts'
import type { SqliteStatement } from './database-call.ts'
import { quoteName } from './quote-name.ts'

export interface RevisedTable {
  readonly name: string
  readonly key: string
  /** The column. */
  readonly revision: string
}

/** What a write builds upon that says of no row that it was read. */
const NO_ROW = '-'

/** `undefined`: the value has none. */
export function baseText(revision: unknown): string {
  return revision === undefined ? NO_ROW : `=${revision ?? ''}`
}

/** The row of a key as it stands. */
export function standingText(
  { name, key, revision }: RevisedTable,
  of: CacheKey,
): Required<SqliteStatement> {
  const column = `t.${quoteName(revision, 'revision')}`
  const sql = `coalesce((SELECT '=' || coalesce(CAST(${column} AS TEXT), '') FROM ${quoteName(name, 'table')} AS t
    WHERE t.${quoteName(key, 'key')} = ?), '${NO_ROW}')`
  return { sql, params: [of] }
}
