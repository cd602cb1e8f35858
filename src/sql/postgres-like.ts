/**
 * What of a PostgreSQL driver is used: text with `$1` places and their values, answered with rows.
 *
 * A pool of `pg` is one; of postgres.js it is `(text, params) => sql.unsafe(text, params)`.
 */

export type PostgresLike =
  | { query(text: string, params: unknown[]): Promise<unknown> }
  | ((text: string, params: unknown[]) => Promise<unknown>)

export type PostgresRow = Readonly<Record<string, unknown>>

/** Asks by text and values. @throws whatever the driver throws. */
export type PostgresAsk = (
  text: string,
  params: readonly unknown[],
) => Promise<readonly PostgresRow[]>

/** The rows stand in the answer, or in its `rows`. */
export function asking(driver: PostgresLike): PostgresAsk {
  return async (text, params) => {
    const answer =
      typeof driver === 'function'
        ? await driver(text, [...params])
        : await driver.query(text, [...params])
    const rows = Array.isArray(answer) ? answer : (answer as { rows?: unknown } | undefined)?.rows
    if (!Array.isArray(rows)) throw new TypeError('The driver answered without rows.')
    return rows as readonly PostgresRow[]
  }
}
