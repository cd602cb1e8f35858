/**
 * The columns of a table with their types, as PostgreSQL names them. Remembered for a minute, and until a
 * statement fails in a way that other columns would explain: a table may be altered while it is in use.
 */

import type { PostgresAsk } from './postgres-like.ts'

export interface TableColumn {
  readonly name: string
  /** For a cast, or a column of `json_to_recordset`. */
  readonly type: string
  /** By the database alone, unless it is overridden: `GENERATED ALWAYS AS IDENTITY`. */
  readonly isFilled: boolean
}

export type Columns = readonly TableColumn[]

const COLUMNS = `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attidentity = 'a' AS filled
  FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
  AND attgenerated = '' ORDER BY attnum`

/** A new column is written from then on at the latest. */
const REMEMBERED_MS = 60_000

export class TableColumns {
  readonly #ask: PostgresAsk
  readonly #table: string
  /** Of a clock that never goes back. */
  readonly #nowMs: () => number
  #known: Promise<Columns> | undefined
  #until = 0

  constructor(ask: PostgresAsk, table: string, nowMs: () => number = () => performance.now()) {
    this.#ask = ask
    this.#table = table
    this.#nowMs = nowMs
  }

  /** As remembered. A look-up that failed is tried again by the next call. */
  known(): Promise<Columns> {
    if (this.#known !== undefined && this.#nowMs() < this.#until) return this.#known
    return this.anew()
  }

  anew(): Promise<Columns> {
    const asked = this.#ask(COLUMNS, [this.#table]).then((rows) =>
      rows.map(({ name, type, filled }) => ({
        name: String(name),
        type: String(type),
        isFilled: filled === true,
      })),
    )
    this.#known = asked
    this.#until = this.#nowMs() + REMEMBERED_MS
    asked.catch(() => {
      if (this.#known === asked) this.#known = undefined
    })
    return asked
  }
}

/** @throws Error for a column that the table does not have, with PostgreSQL's code of that. */
export function columnOf(columns: Columns, name: string, table: string): TableColumn {
  const column = columns.find((one) => one.name === name)
  if (column !== undefined) return column
  const message = `The table ${JSON.stringify(table)} has no column ${JSON.stringify(name)}.`
  throw Object.assign(new Error(message), { code: '42703' })
}
