/**
 * What of a PostgreSQL driver is used: text with `$1` places and their values, answered with rows.
 *
 * A pool of `pg` is one; of postgres.js it is `(text, params) => sql.unsafe(text, params, { prepare: true })`.
 */

import { ConfigError } from '../contracts/errors.ts'
import { PreparedNames } from './prepared-names.ts'

export type PostgresLike =
  | { query(text: string, params: unknown[]): Promise<unknown> }
  | ((text: string, params: unknown[]) => Promise<unknown>)

export type PostgresRow = Readonly<Record<string, unknown>>

/** Asks by text and values. @throws whatever the driver throws. */
export type PostgresAsk = (
  text: string,
  params: readonly unknown[],
) => Promise<readonly PostgresRow[]>

/** @throws ConfigError for statements that the driver cannot prepare. */
export function asking(
  driver: PostgresLike,
  statements: 'plain' | 'prepared' = 'plain',
): PostgresAsk {
  if (statements === 'plain')
    return async (text, params) => rowsOf(await plain(driver, text, params))
  if (typeof driver === 'function') {
    throw new ConfigError({
      field: 'statements',
      expected: "'plain' for a driver that is a function",
      actual: statements,
      cure: 'Let the function prepare what it is asked, as `sql.unsafe` does with `{ prepare: true }`.',
    })
  }
  const names = new PreparedNames()
  const { query } = driver as unknown as { query(named: NamedStatement): Promise<unknown> }
  return async (text, params) => {
    const name = names.of(text)
    if (name === undefined) return rowsOf(await plain(driver, text, params))
    try {
      return rowsOf(await query.call(driver, { name, text, values: [...params] }))
    } catch (error) {
      if (NOT_PREPARED.includes((error as { code?: unknown }).code)) names.forget(text)
      throw error
    }
  }
}

/** As `pg` takes it. */
interface NamedStatement {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

/** Its rows would be of other types than when it was prepared; the connection does not have it. */
const NOT_PREPARED: readonly unknown[] = ['0A000', '26000']

async function plain(
  driver: PostgresLike,
  text: string,
  params: readonly unknown[],
): Promise<unknown> {
  return typeof driver === 'function'
    ? await driver(text, [...params])
    : await driver.query(text, [...params])
}

/** They stand in the answer, or in its `rows`. */
function rowsOf(answer: unknown): readonly PostgresRow[] {
  const rows = Array.isArray(answer) ? answer : (answer as { rows?: unknown } | undefined)?.rows
  if (!Array.isArray(rows)) throw new TypeError('The driver answered without rows.')
  return rows as readonly PostgresRow[]
}
