/** The columns of a table with their types, as PostgreSQL names them; looked up once. */

import type { PostgresAsk } from './postgres-like.ts'

export interface TableColumn {
  readonly name: string
  /** For a cast, or a column of `json_to_recordset`. */
  readonly type: string
}

const COLUMNS = `SELECT attname AS name, format_type(atttypid, atttypmod) AS type
  FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
  AND attgenerated = '' ORDER BY attnum`

/** A look-up that failed is tried again by the next call. */
export function rememberColumns(
  ask: PostgresAsk,
  table: string,
): () => Promise<readonly TableColumn[]> {
  let known: Promise<readonly TableColumn[]> | undefined
  return () => {
    known ??= ask(COLUMNS, [table]).then(
      (rows) => rows.map(({ name, type }) => ({ name: String(name), type: String(type) })),
      (error: unknown) => {
        known = undefined
        throw error
      },
    )
    return known
  }
}

/** @throws Error for a column that the table does not have. */
export function columnOf(
  columns: readonly TableColumn[],
  name: string,
  table: string,
): TableColumn {
  const column = columns.find((one) => one.name === name)
  if (column !== undefined) return column
  throw new Error(`The table ${JSON.stringify(table)} has no column ${JSON.stringify(name)}.`)
}
