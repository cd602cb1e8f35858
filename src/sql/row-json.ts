/** How keys and rows travel: as JSON, of which `json_to_recordset` makes columns of their types. */

import type { CacheKey, StoreWrite } from '../contracts/source.ts'
import type { PostgresRow } from './postgres-like.ts'
import { META } from './write-statement.ts'

/** Beside the columns of the row, the place of its key among those that were asked for. */
export const POSITION = 'tiercel:position'

export interface BasedRow {
  readonly row: PostgresRow
  /** As text; `undefined`: rows have no revisions, or it is a removal. */
  readonly base: string | undefined
  /** Only where the base stands. */
  readonly isBased: boolean
}

/** @throws TypeError for what has no JSON form, such as a bigint within an object. */
export function rowAsJson(
  at: number,
  { version, epoch = '' }: Pick<StoreWrite<CacheKey, unknown>, 'version' | 'epoch'>,
  { row, base, isBased }: BasedRow,
): string {
  // Each write of a drain comes by here. Without a prototype, as a column may have any name.
  const columns: Record<string, unknown> = Object.create(null)
  columns[META.at] = at
  if (version !== undefined) {
    columns[META.version] = String(version)
    columns[META.epoch] = epoch
  }
  if (base !== undefined || isBased) {
    columns[META.base] = base ?? null
    columns[META.isBased] = isBased
  }
  for (const [name, value] of Object.entries(row)) columns[name] = asJson(value)
  return JSON.stringify(columns)
}

export interface KeyAt {
  readonly at: number
  readonly key: CacheKey
}

/** A key that no row can have stands as null, which equals nothing, and keeps the others' places. */
export function keysAsJson(keys: readonly KeyAt[]): string {
  return JSON.stringify(
    keys.map(({ at, key }) => ({
      [POSITION]: at,
      key: typeof key === 'string' && !key.isWellFormed() ? null : asJson(key),
    })),
  )
}

/** What JSON has no form for, as the text that PostgreSQL reads. */
function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value === undefined) return null
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  // JSON makes null of them.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value
}
