/** One entry as it stands in the shared tier, and what waits under its key. */

import { TierError } from '../contracts/errors.ts'
import type { SharedEntry, SharedSession } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import type { DeskParts } from './desk-parts.ts'
import { type EntryVerdict, ShardChanges } from './shard-changes.ts'

/** Writes of one key that are listed at most. */
const MOST_WRITES = 100

/** JSON as it stands; instants are epoch milliseconds by the server's clock, `null` is not known. */
export interface EntryReport {
  /**
   * `fresh`; `graced`: past its freshness, inside its grace; `pending`: a write that waits for the
   * source; `removed`: there are bytes, and nobody serves them; `none`.
   */
  readonly state: 'fresh' | 'graced' | 'pending' | 'removed' | 'none'
  /** Where it lives; `null`: nowhere. */
  readonly shard: number | null
  readonly ageMs: number | null
  readonly storedAt: number | null
  /** `null` where there is an entry: without an end. */
  readonly freshUntil: number | null
  readonly graceUntil: number | null
  readonly readAt: number | null
  /** Of the envelope. */
  readonly sizeBytes: number | null
  /** The number that it was loaded or set under. */
  readonly stamp: number | null
  /** What is cached is that the source has nothing. */
  readonly absent: boolean
  readonly tags: readonly string[]
  readonly schemaVersion: number | null
  readonly loadMs: number | null
  readonly codec: string | null
  readonly compression: string | null
  /** The oldest first. */
  readonly writes: readonly WriteLine[]
  /** A write of the key that was given up. */
  readonly deadLetter: { readonly error: string; readonly diedAt: number } | null
}

export interface WriteLine {
  readonly kind: 'create' | 'put' | 'remove'
  readonly queuedMs: number
  readonly attempts: number
  /** Somebody is bringing it to the source. */
  readonly taken: boolean
}

/** @throws ArgumentError for what can be no key; TierError */
export async function reportEntry(
  { session, readHead }: DeskParts,
  collection: string,
  key: CacheKey,
): Promise<EntryReport> {
  const { id } = encodeKey(collection, key)
  const found = await findEntry(session, { id, collection })
  const waiting = await waitingOf(session, { id, collection })
  if (found === undefined) return { ...NOTHING, ...waiting }
  const { entry, shard, serverNow } = found
  const head = readHead(id, entry.envelope)
  const tags = head?.tags ?? []
  const changes = await ShardChanges.of(session, shard)
  const verdict = changes.judge({ id, collection, ...entry, tags })
  return {
    state: stateOf(entry, verdict, serverNow),
    shard,
    ageMs: Math.max(0, serverNow - entry.storedAt),
    storedAt: entry.storedAt,
    freshUntil: instant(entry.freshUntil),
    graceUntil: instant(entry.graceUntil),
    readAt: entry.readAt ?? null,
    sizeBytes: entry.envelope.byteLength,
    stamp: entry.stamp,
    absent: head?.kind === 'absent',
    tags,
    schemaVersion: head?.schemaVersion ?? null,
    loadMs: head?.loadMs ?? null,
    codec: head === undefined ? null : (CODECS[head.codecId] ?? `codec ${head.codecId}`),
    compression:
      head === undefined || head.compressorId === 0
        ? null
        : (COMPRESSORS[head.compressorId] ?? `compressor ${head.compressorId}`),
    ...waiting,
  }
}

const CODECS: Readonly<Record<number, string>> = { 0: 'none', 1: 'json', 2: 'structured-clone' }
const COMPRESSORS: Readonly<Record<number, string>> = { 1: 'zstd', 2: 'gzip', 3: 'brotli' }

const NOTHING: Omit<EntryReport, 'writes' | 'deadLetter'> = {
  state: 'none',
  shard: null,
  ageMs: null,
  storedAt: null,
  freshUntil: null,
  graceUntil: null,
  readAt: null,
  sizeBytes: null,
  stamp: null,
  absent: false,
  tags: [],
  schemaVersion: null,
  loadMs: null,
  codec: null,
  compression: null,
}

interface Identity {
  readonly id: string
  readonly collection: string
}

interface FoundEntry {
  readonly entry: SharedEntry
  readonly shard: number
  readonly serverNow: number
}

/** In whichever shard it is: where `shardBy` puts it, only its collection knows. */
async function findEntry(
  session: SharedSession,
  { id, collection }: Identity,
): Promise<FoundEntry | undefined> {
  const shards = Array.from({ length: session.shards }, (_, shard) => shard)
  const readings = await session.read(shards.map((shard) => ({ id, collection, shard })))
  for (const reading of readings) {
    if (reading instanceof TierError) throw reading
    const { entry, shard, serverNow } = reading
    if (entry !== undefined) return { entry, shard, serverNow }
  }
  return undefined
}

async function waitingOf(
  { pending, shards }: SharedSession,
  { id, collection }: Identity,
): Promise<Pick<EntryReport, 'writes' | 'deadLetter'>> {
  const pages = await Promise.all(
    Array.from({ length: shards }, async (_, shard) => {
      const page = { id, limit: MOST_WRITES }
      const { writes } = await pending.list({ shard, collection }, page)
      const { letters } = await pending.dead({ shard, collection }, { id, limit: 1 })
      return { writes, letters }
    }),
  )
  const writes = pages.flatMap((page) => page.writes)
  const [letter] = pages.flatMap(({ letters }) => letters)
  return {
    writes: writes
      .map(({ kind, queuedMs, attempts, taken }) => ({ kind, queuedMs, attempts, taken }))
      .sort((one, other) => other.queuedMs - one.queuedMs),
    deadLetter: letter === undefined ? null : { error: letter.error, diedAt: letter.diedAt },
  }
}

function stateOf(
  { pending, freshUntil, graceUntil }: SharedEntry,
  verdict: EntryVerdict,
  now: number,
): EntryReport['state'] {
  // No removal concerns a write that waits, and it has no end.
  if (pending === true) return 'pending'
  if (verdict === 'gone' || now >= graceUntil) return 'removed'
  return verdict === 'expired' || now >= freshUntil ? 'graced' : 'fresh'
}

function instant(at: number): number | null {
  return Number.isFinite(at) ? at : null
}
