/** One entry in the shape that `inspect --json` answers with, whoever was asked. */

import type { EntryReport } from '../desk/index.ts'
import type { CacheKey } from '../index.ts'
import type { AdminClient } from './admin-client.ts'
import { type TypedKey, typedKey } from './key-option.ts'
import type { OpenDesk } from './open-desk.ts'

/** Stable. Instants are epoch milliseconds; `null` is not known, or without an end. */
export interface EntryAnswer extends TypedKey {
  readonly via: 'admin' | 'redis' | 'sqlite'
  readonly where: string
  /** Empty: plain keys. */
  readonly collection: string
  /** Whether it could be served now. */
  readonly found: boolean
  /** `removed`: there are bytes, and nobody serves them. */
  readonly state: EntryReport['state']
  readonly tiers: readonly ('memory' | 'shared')[]
  readonly ageMs: number | null
  readonly freshUntil: number | null
  readonly graceUntil: number | null
  readonly loadMs: number | null
  readonly tags: readonly string[]
  readonly schemaVersion: number | null
  readonly sizeBytes: number | null
  /** What is cached is that the source has nothing. */
  readonly absent: boolean
  /** Of the copy in the process that was asked; `null`: it has none, or no process was. */
  readonly memory: TierLife | null
  readonly shared: TierLife | null
  /** This and what follows: straight from the shared tier alone. */
  readonly shard: number | null
  readonly codec: string | null
  readonly compression: string | null
  /** The oldest first. */
  readonly writes: EntryReport['writes']
  readonly deadLetter: EntryReport['deadLetter']
}

/** What one tier has. */
export interface TierLife {
  readonly ageMs: number
  readonly freshUntil: number | null
  readonly graceUntil: number | null
  readonly sizeBytes: number
}

/** @throws ArgumentError; TierError */
export async function entryOfTier(
  { desk, kind, where }: OpenDesk,
  { collection, key }: { readonly collection: string; readonly key: CacheKey },
): Promise<EntryAnswer> {
  const report = await desk.inspect(collection, key)
  const { storedAt: _stored, readAt: _read, stamp: _stamp, ...rest } = report
  const served = ['fresh', 'graced', 'pending'].includes(report.state)
  return {
    via: kind,
    where,
    collection,
    ...typedKey(key),
    found: served,
    tiers: served ? ['shared'] : [],
    memory: null,
    shared: served
      ? {
          ageMs: report.ageMs ?? 0,
          freshUntil: report.freshUntil,
          graceUntil: report.graceUntil,
          sizeBytes: report.sizeBytes ?? 0,
        }
      : null,
    ...rest,
  }
}

/** What the API answers of an entry, as far as it is used here. */
interface AdminEntry {
  readonly entry: {
    readonly tiers: readonly ('memory' | 'shared')[]
    readonly ageMs: number
    readonly freshUntil: number | null
    readonly graceUntil: number | null
    readonly sizeBytes: number
    readonly loadMs: number | null
    readonly tags: readonly string[]
    readonly schemaVersion: number
    readonly absent: boolean
    /** It is a write that waits for the source. */
    readonly pending?: boolean
    readonly memory?: EntryAnswer['memory']
    readonly shared?: EntryAnswer['shared']
  } | null
}

/** @throws as `AdminClient.get` does. */
export async function entryOfAdmin(
  admin: AdminClient,
  { collection, key, keyType }: TypedKey & { readonly collection: string },
): Promise<EntryAnswer> {
  const query = { ...(collection === '' ? {} : { collection }), key, keyType }
  const { entry } = await admin.get<AdminEntry>('entry', query)
  const asked = { via: 'admin', where: admin.where, collection, key, keyType } as const
  if (entry === null) return { ...asked, ...NOTHING }
  const isFresh = entry.freshUntil === null || entry.freshUntil > Date.now()
  return {
    ...asked,
    ...NOTHING,
    found: true,
    state: entry.pending === true ? 'pending' : isFresh ? 'fresh' : 'graced',
    tiers: entry.tiers,
    ageMs: entry.ageMs,
    freshUntil: entry.freshUntil,
    graceUntil: entry.graceUntil,
    loadMs: entry.loadMs,
    tags: entry.tags,
    schemaVersion: entry.schemaVersion,
    sizeBytes: entry.sizeBytes,
    absent: entry.absent,
    memory: entry.memory ?? null,
    shared: entry.shared ?? null,
  }
}

const NOTHING = {
  found: false,
  state: 'none',
  tiers: [],
  ageMs: null,
  freshUntil: null,
  graceUntil: null,
  loadMs: null,
  tags: [],
  schemaVersion: null,
  sizeBytes: null,
  absent: false,
  memory: null,
  shared: null,
  shard: null,
  codec: null,
  compression: null,
  writes: [],
  deadLetter: null,
} as const
