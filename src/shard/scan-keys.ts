/**
 * The keys of a collection that have something to serve, page by page: those of entries first, then those
 * of writes that wait, which have no entry beside.
 */

import type { ScanPage } from '../contracts/shared-tier.ts'
import { servableEntries } from './servable-entries.ts'
import type { ShardState } from './shard-state.ts'

/** What a cursor begins with: which of the two it goes on in. */
const ENTRIES = 'e'
const WAITING = 'w'

/** Looks at `limit` rows, of which some may be of others. */
export function scanKeys(
  state: ShardState,
  {
    collection,
    cursor,
    limit,
  }: {
    readonly collection: string
    readonly cursor: string | undefined
    readonly limit: number
  },
): ScanPage {
  const { rows } = state
  if (cursor?.startsWith(WAITING) === true) {
    const after = cursor.length > 1 ? { cursor: cursor.slice(1) } : {}
    const page = rows.pending.page(collection, { ...after, limit })
    // Of several of a key the last is what it is.
    const kinds = new Map(page.rows.map(({ id, kind }) => [id, kind]))
    const keys = [...kinds].flatMap(([id, kind]) => (kind === 'remove' ? [] : [id]))
    return { keys, cursor: page.cursor === undefined ? undefined : WAITING + page.cursor }
  }
  const page = rows.scan(collection, cursor?.slice(1), limit)
  const entries = servableEntries(state, page.keys)
  const keys = page.keys.filter((id) => entries.has(id))
  if (page.cursor !== undefined) return { keys, cursor: ENTRIES + page.cursor }
  const anyWaits = rows.pending.backlog(collection).records > 0
  return { keys, cursor: anyWaits ? WAITING : undefined }
}
