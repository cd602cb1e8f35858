/** How keys and rows travel: as JSON, of which `json_to_recordset` makes columns of their types. */

import type { CacheKey, StoreWrite } from '../contracts/source.ts'
import { META } from './write-statement.ts'

/** Beside the columns of the row, the place of its key among those that were asked for. */
export const POSITION = 'tiercel:position'

/** A row as its columns and their values, in one order. */
export interface RowCells {
  readonly names: readonly string[]
  readonly values: readonly unknown[]
}

export interface BasedRow {
  readonly cells: RowCells
  /** As text; `undefined`: rows have no revisions, or it is a removal. */
  readonly base: string | undefined
  /** Only where the base stands. */
  readonly isBased: boolean
}

/**
 * Each write of a drain comes by here, so the text is put together from what the columns hold: an object of
 * it would have to be made, and be taken apart again. `heads`: what stands before the values, by column,
 * kept for all rows of a batch.
 *
 * @throws TypeError for what has no JSON form, such as a bigint within an object.
 */
export function rowAsJson(
  at: number,
  { version, epoch = '' }: Pick<StoreWrite<CacheKey, unknown>, 'version' | 'epoch'>,
  { row: { cells, base, isBased }, heads }: { row: BasedRow; heads: Map<string, string> },
): string {
  let text = `{"${META.at}":${at}`
  if (version !== undefined) {
    text += `,"${META.version}":"${version}","${META.epoch}":${JSON.stringify(epoch)}`
  }
  if (base !== undefined || isBased) {
    text += `,"${META.base}":${JSON.stringify(base ?? null)},"${META.isBased}":${isBased}`
  }
  const { names, values } = cells
  for (let column = 0; column < names.length; column += 1) {
    text += headOf(names[column] as string, heads) + cellText(values[column])
  }
  return `${text}}`
}

function headOf(name: string, heads: Map<string, string>): string {
  const known = heads.get(name)
  if (known !== undefined) return known
  const head = `,${JSON.stringify(name)}:`
  heads.set(name, head)
  return head
}

/** A property without a JSON form would be left out, which comes to the same. */
function cellText(value: unknown): string {
  return JSON.stringify(asJson(value)) ?? 'null'
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
