/** What is to be made unservable: counted first, if that is asked for, and carried out to its end. */

import { TierError } from '../contracts/errors.ts'
import type { Invalidation, SharedKey, SharedSession } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { compileGlob } from '../keys/glob.ts'
import { decodeKey, encodeKey } from '../keys/key-encoding.ts'
import type { DeskParts } from './desk-parts.ts'
import { ShardChanges } from './shard-changes.ts'

/** Keys that are read in one call, with their values. */
const PAGE = 200
/** Far more than the entries of a shard need: a tier that never comes to an end is left alone. */
const MAX_SLICES = 1_000_000
/** Keys that are remembered while a walk may come by them twice; beyond it, it counts what it comes by. */
const MOST_TOLD = 1_000_000

/** An empty collection: plain keys. */
export type RemovalOrder =
  | { readonly kind: 'keys'; readonly collection: string; readonly keys: readonly CacheKey[] }
  | { readonly kind: 'pattern'; readonly collection: string; readonly pattern: string }
  | { readonly kind: 'collection'; readonly collection: string }
  | {
      readonly kind: 'tags'
      readonly tags: readonly string[]
      readonly match: 'any' | 'all'
      /** Those that are looked through to count; the removal itself reaches all of them. */
      readonly among: readonly string[]
    }
  | { readonly kind: 'everything'; readonly among: readonly string[] }

export interface RemovalOutcome {
  /** Of keys: those that had an entry that could have been served; otherwise nobody counts. */
  readonly found: number | null
}

/** @throws ArgumentError; TierError */
export async function remove(session: SharedSession, order: RemovalOrder): Promise<RemovalOutcome> {
  const what = invalidationOf(session, order)
  const { found, moments } = await session.invalidate(what)
  if (what.kind === 'pattern') {
    // What matches is unservable already; its room is given back slice by slice.
    for (const { shard, sequence } of moments) await sweep(session, shard, sequence)
  }
  return { found: what.kind === 'keys' ? found.filter(Boolean).length : null }
}

async function sweep(session: SharedSession, shard: number, number: number): Promise<void> {
  for (let slices = 0; slices < MAX_SLICES; slices += 1) {
    if (await session.sweepPattern(shard, number)) return
  }
}

function invalidationOf(session: SharedSession, order: RemovalOrder): Invalidation {
  switch (order.kind) {
    case 'keys':
      return { kind: 'keys', keys: placed(session, order), mode: 'delete' }
    case 'pattern':
      return order
    case 'collection':
      return order
    case 'tags':
      return { kind: 'tags', tags: order.tags, match: order.match, mode: 'delete' }
    case 'everything':
      return { kind: 'clear' }
    default:
      return order satisfies never
  }
}

/** In every shard: where `shardBy` puts a key, only its collection knows. */
function placed(
  session: SharedSession,
  { collection, keys }: Extract<RemovalOrder, { kind: 'keys' }>,
): readonly SharedKey[] {
  return keys.flatMap((key) => everywhere(session, encodeKey(collection, key).id, collection))
}

/** Entries that could be served and would not be any more. Reads all that it looks through. */
export async function countRemoval(parts: DeskParts, order: RemovalOrder): Promise<number> {
  const changes = await Promise.all(
    Array.from({ length: parts.session.shards }, (_, shard) =>
      ShardChanges.of(parts.session, shard),
    ),
  )
  const counting = { ...parts, changes, concerns: concernedBy(order) }
  if (order.kind === 'keys') return await countKeys(counting, placed(parts.session, order))
  let count = 0
  const collections = 'collection' in order ? [order.collection] : order.among
  for (const collection of new Set(collections)) {
    for await (const keys of pagesOf(counting, collection, order)) {
      count += await countKeys(counting, keys)
    }
  }
  return count
}

interface Counting extends DeskParts {
  readonly changes: readonly ShardChanges[]
  readonly concerns: (tags: readonly string[]) => boolean
}

function concernedBy(order: RemovalOrder): (tags: readonly string[]) => boolean {
  if (order.kind !== 'tags') return () => true
  const { tags, match } = order
  return (own) =>
    match === 'all' ? tags.every((tag) => own.includes(tag)) : tags.some((tag) => own.includes(tag))
}

async function* pagesOf(
  { session }: Counting,
  collection: string,
  order: RemovalOrder,
): AsyncGenerator<readonly SharedKey[]> {
  const matches = order.kind === 'pattern' ? compileGlob(order.pattern) : () => true
  const told = new Set<string>()
  let cursor: string | undefined
  do {
    const page = await session.scan(collection, cursor, PAGE)
    const ids = page.keys.filter((id) => {
      const key = decodeKey(collection, id)
      return key !== undefined && !told.has(id) && matches(String(key))
    })
    for (const id of ids) if (told.size < MOST_TOLD) told.add(id)
    yield ids.flatMap((id) => everywhere(session, id, collection))
    cursor = page.cursor
  } while (cursor !== undefined)
}

function everywhere(
  { shards }: SharedSession,
  id: string,
  collection: string,
): readonly SharedKey[] {
  return Array.from({ length: shards }, (_, shard) => ({ id, collection, shard }))
}

async function countKeys(counting: Counting, keys: readonly SharedKey[]): Promise<number> {
  const { session, readHead, changes, concerns } = counting
  let count = 0
  for (let from = 0; from < keys.length; from += PAGE) {
    const some = keys.slice(from, from + PAGE)
    const readings = await session.read(some)
    for (const [at, reading] of readings.entries()) {
      if (reading instanceof TierError) throw reading
      const { entry, shard, serverNow } = reading
      const key = some[at]
      if (entry === undefined || key === undefined || entry.pending === true) continue
      if (serverNow >= entry.graceUntil) continue
      const tags = readHead(key.id, entry.envelope)?.tags ?? []
      if (!concerns(tags)) continue
      if (changes[shard]?.judge({ ...key, ...entry, tags }) !== 'gone') count += 1
    }
  }
  return count
}
