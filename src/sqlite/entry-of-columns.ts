/** Reads what stands in a row of `entries`; whatever that is, the answer is an entry or nothing. */

import type { ShardRow, ShardRowHead } from '../shard/index.ts'
import { originalText } from './stored-text.ts'

export type Columns = Readonly<Record<string, unknown>>

/** The columns that `headOfColumns` reads, for SELECT. */
export const HEAD_COLUMNS =
  'entries.row, entries.id, entries.collection, entries.epoch, entries.stamp, entries.fresh_until, entries.grace_until, entries.tags, entries.read_at'

/** The columns that `entryOfColumns` reads. The envelope is last, so that heads skip its pages. */
export const ENTRY_COLUMNS: string = `${HEAD_COLUMNS}, entries.stored_at, entries.envelope`

/** `undefined`: the row is broken. */
export function headOfColumns(columns: Columns): ShardRowHead | undefined {
  const { stamp, fresh_until: freshUntil, grace_until: graceUntil } = columns
  const id = originalText(columns['id'])
  const collection = originalText(columns['collection'])
  const epoch = originalText(columns['epoch'])
  const tags = tagsOf(columns['tags'])
  if (id === undefined || collection === undefined || epoch === undefined) return undefined
  if (tags === undefined || !isNumber(stamp) || !Number.isSafeInteger(stamp)) return undefined
  if (!isNumber(freshUntil) || !isNumber(graceUntil)) return undefined
  return { id, collection, epoch, stamp, freshUntil, graceUntil, tags }
}

/** `undefined`: the row is broken. */
export function entryOfColumns(columns: Columns): ShardRow | undefined {
  const { envelope, stored_at: storedAt } = columns
  if (!(envelope instanceof Uint8Array) || !isNumber(storedAt)) return undefined
  const head = headOfColumns(columns)
  return head && { ...head, storedAt, envelope }
}

/** `NULL` for none: most entries have none. */
export function storedTags(tags: readonly string[]): string | null {
  return tags.length === 0 ? null : JSON.stringify(tags)
}

/** `undefined`: not what `storedTags` has made. */
export function tagsOf(stored: unknown): readonly string[] | undefined {
  if (stored === null) return []
  if (typeof stored !== 'string') return undefined
  try {
    const tags: unknown = JSON.parse(stored)
    return Array.isArray(tags) && tags.every((tag) => typeof tag === 'string') ? tags : undefined
  } catch {
    return undefined
  }
}

/** Times and numbers of entries: `Infinity` is one, a negative number is not. */
export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}
