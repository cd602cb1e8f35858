import type { StoreOutcome } from '../contracts/source.ts'
import { SqliteError } from './sqlite-error.ts'

/** Extended result codes of a unique constraint, on the primary key and elsewhere. */
const TAKEN = [1555, 2067, 2579]

/** Primary result codes of what the same write will meet again: SQL errors, constraints, types. */
const PERMANENT = [0, 1, 18, 19, 20, 25]

/** What a failed statement means for the write behind it. Called by `sqliteTable` only. */
export function outcomeOfError(error: unknown): StoreOutcome {
  // What is not SQLite's own came from the value or its mapping.
  if (!(error instanceof SqliteError)) return { kind: 'failed', error, retry: 'permanent' }
  if (TAKEN.includes(error.resultCode)) return { kind: 'conflict', reason: error.message }
  const permanent = PERMANENT.includes(error.resultCode & 0xff)
  return { kind: 'failed', error, retry: permanent ? 'permanent' : 'transient' }
}

/** The statement names what is not there: a column, or the table. */
export function isOfColumns(error: unknown): boolean {
  return error instanceof SqliteError && (error.resultCode & 0xff) === 1
}
