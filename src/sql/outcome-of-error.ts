/** What a failed statement means for the write behind it. */

import type { StoreOutcome } from '../contracts/source.ts'

/** Of another unique constraint than the key's. */
const UNIQUE_VIOLATION = '23505'
/** Classes of SQLSTATE that the same write will meet again: data, integrity, size, what triggers raise. */
const PERMANENT = ['22', '23', '44', '54', 'P0']
/**
 * Classes that befall whatever is written: connection, transaction, schema, conflict, resources, operator,
 * system. Everything else may be the fault of one row, whether this library knows the code or not.
 */
const OF_ALL = ['08', '0A', '25', '26', '28', '3D', '3F', '40', '42', '53', '55', '57', '58', 'XX']
/** Of a row after all: refused by its policy, or with a column that only the database may fill. */
const OF_A_ROW = ['42501', '428C9']
/** The table is not what it was when its columns were looked up. */
const OF_COLUMNS = ['0A000', '42703', '42P01', '42804', '428C9']

export function outcomeOfError(error: unknown): Exclude<StoreOutcome, { kind: 'superseded' }> {
  const code = sqlStateOf(error)
  if (isTaken(error)) return { kind: 'conflict', reason: messageOf(error) }
  const permanent = code !== undefined && PERMANENT.includes(classOf(code))
  return { kind: 'failed', error, retry: permanent ? 'permanent' : 'transient' }
}

/** Whether another row has what must be there once: the key, or what another unique constraint is on. */
export function isTaken(error: unknown): boolean {
  return sqlStateOf(error) === UNIQUE_VIOLATION
}

/** Whether one of several writes may be to blame, so that the others succeed without it. */
export function isOfOneWrite(error: unknown): boolean {
  const code = sqlStateOf(error)
  return code !== undefined && (OF_A_ROW.includes(code) || !OF_ALL.includes(classOf(code)))
}

/** Whether a value has no form in the type of its column: a key among them is that of no row. */
export function isOfValue(error: unknown): boolean {
  return classOf(sqlStateOf(error) ?? '') === '22'
}

/** Whether columns of other types, or others, may be what it takes. */
export function isOfColumns(error: unknown): boolean {
  return OF_COLUMNS.includes(sqlStateOf(error) ?? '') || isOfValue(error)
}

function classOf(code: string): string {
  return code.slice(0, 2)
}

/** Five characters; `undefined`: it came from elsewhere, such as the connection. */
function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The database refused it.'
}
