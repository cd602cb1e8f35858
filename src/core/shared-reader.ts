/**
 * From bytes in the shared tier to an entry that this process can serve, or to the reason why not.
 *
 * Any bytes may stand there: those of a newer release, of another application, or of a disk that
 * went bad. All of them are misses, and all are counted.
 */

import type { DecodedEnvelope, EnvelopeContent, UndecodableReason } from '../contracts/codec.ts'
import type { Position, Stamped } from '../contracts/coherence.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { SharedEntry, SharedKey } from '../contracts/shared-tier.ts'
import { aheadFrom } from './ahead-window.ts'
import { checkSchema } from './check-schema.ts'
import type { Engine } from './engine.ts'
import { expiredEntry } from './expired-entry.ts'
import { inThisVersion } from './in-this-version.ts'
import type { Space } from './space.ts'

/** What was known here when the tier was asked. */
export interface SightedFrom {
  readonly stamp: number
  readonly shared: { readonly position: Position } | undefined
}

export interface SharedSighting {
  readonly key: SharedKey
  readonly entry: SharedEntry
  /** The server's time when it answered. */
  readonly serverNow: number
  /** The shard's, in the server's answer; absent: as it is known here. */
  readonly epoch?: string
  /** This process's monotonic time when it asked: counted from here, no life is stretched. */
  readonly askedAt: number
  readonly reservation: SightedFrom
  /** Of the outbox, when it was asked. */
  readonly tagsTold: number
  /** Life of a copy in this process, where the call says another than the collection. */
  readonly memoryTtlMs?: number | undefined
  /** No copy is kept: of an entry that is fresh, and that reads do not renew, its value is enough. */
  readonly valueAlone?: boolean
}

export type SharedFinding =
  /** `migrated`: what stands in the tier has the bytes of an older version. */
  | { readonly kind: 'entry'; readonly entry: MemoryEntry; readonly migrated: boolean }
  /** Only where the value alone was asked for. */
  | { readonly kind: 'value'; readonly value: unknown }
  /** A change of this process waits to be told to the tier: what stands there may be older. */
  | { readonly kind: 'distrusted' }
  /** `newer`: of a later release, fresh, and to be left where it is. */
  | { readonly kind: 'undecodable'; readonly newer: boolean }
  /** A write that waits, of an epoch before: the source is asked, and nothing is kept. */
  | { readonly kind: 'outlived'; readonly entry: MemoryEntry }
  /** Removed by tag, pattern, collection or floor; its bytes are still there. */
  | { readonly kind: 'invalidated' }

/** Never rejects; at once where nothing is compressed and no schema is declared. */
export function readShared(
  engine: Engine,
  space: Space,
  sighting: SharedSighting,
): SharedFinding | Promise<SharedFinding> {
  const decoding = space.envelope.decode(sighting.key.id, sighting.entry.envelope)
  return decoding instanceof Promise
    ? decoding.then((decoded) => judged(engine, space, sighting, decoded))
    : judged(engine, space, sighting, decoding)
}

function judged(
  engine: Engine,
  space: Space,
  sighting: SharedSighting,
  decoded: DecodedEnvelope,
): SharedFinding | Promise<SharedFinding> {
  const { key, entry } = sighting
  if (!decoded.ok) {
    const { reason, error } = decoded
    return reason === 'version'
      ? foreign(engine, space, sighting, { reason, error })
      : undecodable(engine, space, reason, error)
  }
  const { schemaVersion } = decoded.content
  if (schemaVersion > space.schemaVersion) {
    const { content } = decoded
    return foreign(engine, space, sighting, { reason: 'newer', error: undefined, content })
  }
  const present = inThisVersion(space, key, decoded.content)
  if (!present.ok) return undecodable(engine, space, present.reason, present.error)
  const { content } = present
  if (entry.pending === true) {
    return checkedBy(engine, space, content, (checked) =>
      pendingFinding(engine, space, sighting, checked),
    )
  }
  if (mayBeOlder(engine, sighting, content.tags)) return { kind: 'distrusted' }
  const verdict = engine.shared?.coherence.judgeEntry(key, entry, content.tags) ?? 'stands'
  // The steps of the tier judge for themselves; who is blind has asked one of them.
  if (verdict === 'gone') return { kind: 'invalidated' }
  const expired = verdict === 'expired'
  const migrated = schemaVersion !== space.schemaVersion
  const found = (checked: EnvelopeContent): SharedFinding =>
    sighting.valueAlone === true && !expired && isPlain(engine, sighting, checked)
      ? { kind: 'value', value: checked.value }
      : {
          kind: 'entry',
          entry: memoryEntry(engine, space, sighting, { content: checked, expired }),
          migrated,
        }
  return checkedBy(engine, space, content, found)
}

function checkedBy(
  engine: Engine,
  space: Space,
  content: EnvelopeContent,
  found: (checked: EnvelopeContent) => SharedFinding,
): SharedFinding | Promise<SharedFinding> {
  if (space.schema === undefined || content.kind === 'absent') return found(content)
  return checkSchema(space.schema, content.value).then((checked) =>
    checked.ok
      ? found({ ...content, value: checked.value })
      : undecodable(engine, space, 'schema', checked.error),
  )
}

/**
 * A write that waits for the source: no removal concerns it, and it has no end. One of another epoch may
 * have been carried out and followed by others long ago.
 */
function pendingFinding(
  engine: Engine,
  space: Space,
  sighting: SharedSighting,
  content: EnvelopeContent,
): SharedFinding {
  const { entry, reservation } = sighting
  const known = reservation.shared?.position.epoch ?? ''
  // Who was away for long knows less of the shard than the answer says.
  const { epoch = entry.epoch } = sighting
  const endless = { ...content, expiresAt: Number.POSITIVE_INFINITY, graceMs: 0 }
  const found = memoryEntry(engine, space, sighting, { content: endless, expired: false })
  // It becomes an entry with a life, and the copy must not outlive that.
  const servedUntil = Math.min(found.servedUntil, sighting.askedAt + content.ttlMs)
  const outlived = epoch !== entry.epoch || (known !== '' && known !== entry.epoch)
  const entryOf = { ...found, servedUntil }
  return outlived
    ? { kind: 'outlived', entry: entryOf }
    : { kind: 'entry', entry: entryOf, migrated: false }
}

/** Fresh, and not renewed by being read: there is nothing to it but its value. */
function isPlain(
  engine: Engine,
  { entry, serverNow, askedAt }: SharedSighting,
  { renewal, expiresAt }: EnvelopeContent,
): boolean {
  const endsAt = Math.min(entry.freshUntil, expiresAt) + (askedAt - serverNow)
  return renewal === 'fixed' && engine.clock.monotonic() < endsAt
}

/** A removal of one of its tags waits to be told, or was told after the entry was asked for. */
function mayBeOlder(
  engine: Engine,
  { tagsTold }: SharedSighting,
  tags: readonly string[],
): boolean {
  if (engine.shared === undefined || tags.length === 0) return false
  const { outbox } = engine.shared
  return outbox.tagsTold !== tagsTold || outbox.holdsTag(tags)
}

/**
 * What a later release has written. It stays as long as it is fresh: two releases that took each other's
 * entries for misses and replaced them would load every value again and again.
 */
function foreign(
  engine: Engine,
  space: Space,
  sighting: SharedSighting,
  what: {
    readonly reason: 'version' | 'newer'
    readonly error: unknown
    /** Absent: of a later form of envelope, whose tags nobody here can read. */
    readonly content?: EnvelopeContent
  },
): SharedFinding {
  const { key, entry, serverNow } = sighting
  const { tags = [], expiresAt = Number.POSITIVE_INFINITY } = what.content ?? {}
  const finding = undecodable(engine, space, what.reason, what.error)
  if (entry.pending === true) return finding
  if (mayBeOlder(engine, sighting, tags)) return { kind: 'distrusted' }
  const verdict = engine.shared?.coherence.judgeEntry(key, entry, tags) ?? 'stands'
  if (verdict === 'gone') return { kind: 'invalidated' }
  // By the tier's own time: judged as copies are, its life would end too early by the way of the answer.
  const newer = verdict !== 'expired' && serverNow < Math.min(entry.freshUntil, expiresAt)
  return { kind: 'undecodable', newer }
}

function undecodable(
  engine: Engine,
  space: Space,
  reason: UndecodableReason,
  error: unknown,
): SharedFinding {
  engine.report({ type: 'undecodable', pattern: space.pattern, reason, error })
  return { kind: 'undecodable', newer: false }
}

/**
 * Which changes are in a value of the tier: those that were known here when it was asked for, and those
 * that its load came after.
 */
export function knownSince(
  { shared }: Pick<SightedFrom, 'shared'>,
  { epoch, stamp }: Stamped,
): number {
  if (shared === undefined || shared.position.epoch !== epoch) return 0
  return Math.max(shared.position.cursor, stamp)
}

function memoryEntry(
  engine: Engine,
  space: Space,
  { entry, serverNow, askedAt, reservation, memoryTtlMs }: SharedSighting,
  { content, expired }: { readonly content: EnvelopeContent; readonly expired: boolean },
): MemoryEntry {
  // From the server's time to this process's monotonic one.
  const shift = askedAt - serverNow
  const renewableUntil = content.expiresAt + shift
  const freshUntil = Math.min(entry.freshUntil + shift, renewableUntil)
  const { epoch, stamp } = entry
  const asOf = knownSince(reservation, entry)
  const absent = content.kind === 'absent'
  const plan = absent ? undefined : space.options.refreshAhead
  const found: MemoryEntry = {
    value: content.value,
    absent,
    freshUntil,
    aheadFrom: aheadFrom({ freshUntil, ttlMs: content.ttlMs, loadMs: content.loadMs }, plan),
    servedUntil: Math.min(freshUntil, askedAt + (memoryTtlMs ?? space.memoryTtlMs)),
    graceUntil: Math.min(entry.graceUntil + shift, freshUntil + content.graceMs),
    createdAt: entry.storedAt + shift,
    ttlMs: content.ttlMs,
    graceMs: content.graceMs,
    renewal: content.renewal,
    renewableUntil,
    stamp: reservation.stamp,
    shared: { epoch, stamp, asOf, blind: false },
    tags: content.tags,
    size: content.size,
    priority: content.priority,
    loadMs: content.loadMs,
    etag: content.etag,
  }
  return expired ? expiredEntry(found, engine.clock.monotonic()) : found
}
