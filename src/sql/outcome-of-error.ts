/** What a failed statement means for the write behind it. */

import type { StoreOutcome } from '../contracts/source.ts'

/** Of another unique constraint than the key's. */
const UNIQUE_VIOLATION = '23505'
/** Classes of SQLSTATE that the same write will meet again: data, integrity. */
const PERMANENT = ['22', '23', '44']

export function outcomeOfError(error: unknown): Exclude<StoreOutcome, { kind: 'superseded' }> {
  const code = sqlStateOf(error)
  if (isTaken(error)) return { kind: 'conflict', reason: messageOf(error) }
  const permanent = code !== undefined && PERMANENT.includes(code.slice(0, 2))
  return { kind: 'failed', error, retry: permanent ? 'permanent' : 'transient' }
}

/** Whether another row has what must be there once: the key, or what another unique constraint is on. */
export function isTaken(error: unknown): boolean {
  return sqlStateOf(error) === UNIQUE_VIOLATION
}

/** Whether one of several writes may be to blame, so that the others succeed without it. */
export function isOfOneWrite(error: unknown): boolean {
  const code = sqlStateOf(error)
  return code !== undefined && PERMANENT.includes(code.slice(0, 2))
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
