/**
 * Keeping a value that was loaded: in the shared tier if the lease of its load still stands, and in
 * this process if nothing that concerns it has changed since it was asked for.
 *
 * The callers have their value in any case; what may not be kept is handed out and dropped.
 */

import type { EncodedEnvelope, EnvelopeContent } from '../contracts/codec.ts'
import type { Copied } from '../contracts/coherence.ts'
import { ArgumentError } from '../contracts/errors.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import { aheadFrom } from './ahead-window.ts'
import { checkValue } from './check-value.ts'
import type { Engine } from './engine.ts'
import { type EntryLife, entryLife } from './entry-life.ts'
import { checkTags, refuseArgument } from './field-check.ts'
import { withHeat } from './heat.ts'
import type { Loaded } from './loads.ts'
import type { Reservation } from './reservations.ts'
import { survives } from './reserve.ts'
import type { ResolvedEntryOptions } from './resolve-entry-options.ts'
import { knownSince } from './shared-reader.ts'
import type { Space } from './space.ts'
import { withinLag } from './within-lag.ts'

/** How the load stood to the shared tier when it began. */
export type LoadRight =
  /** There is no shared tier. */
  | { readonly kind: 'alone' }
  | {
      readonly kind: 'leased'
      readonly token: string
      readonly grant: number
      readonly epoch: string
      /** The tier holds an older value: if the source has nothing any more, it must go. */
      readonly replaces: boolean
      /** That value, if it can be read. */
      readonly previous: MemoryEntry | undefined
      /** It is what stands there, in the version of this release: another life is all it needs. */
      readonly renewable: boolean
    }
  /** The tier did not answer, so nobody knows what it holds (protocol rule 17). */
  | { readonly kind: 'blind' }
  /** The tier holds what a later release has written, which stays: kept in this process alone. */
  | { readonly kind: 'beside' }
  /** Somebody is writing the key, or holds the lease for too long: hand out, keep nothing. */
  | { readonly kind: 'uncached' }

export interface Commit {
  readonly key: SharedKey
  readonly reservation: Reservation
  readonly right: LoadRight
  readonly loaded: Loaded
  /** What the loader was told to be there. */
  readonly previous: MemoryEntry | undefined
  /** On the monotonic clock: when the loader was asked. */
  readonly loadedSince: number
}

/** Whether the value was kept anywhere. `fenced`: a change came between, so it was not. */
export type CommitOutcome = 'kept' | 'uncached' | 'fenced'

/**
 * What is no value to keep, such as a function, is handed out and kept nowhere; so is a value whose `tagsOf`
 * answers tags that cannot be, such as too many: the list that has grown by one must not fail all who read it.
 *
 * @throws whatever `tagsOf` throws.
 */
export async function commit(engine: Engine, space: Space, what: Commit): Promise<CommitOutcome> {
  const { loaded, reservation, right } = what
  const unchanged = loaded.unchanged === true ? what.previous : undefined
  const kept = unchanged === undefined ? loaded.value : unchanged.value
  const absent = kept === undefined
  const { key } = reservation
  const declared =
    unchanged === undefined
      ? optionsOrReport(engine, space, loaded, key)
      : withHeat(space, { ...loaded.options, tags: unchanged.tags }, key)
  if (declared === undefined) {
    await giveBack(engine, space, what)
    return 'uncached'
  }
  const options = withinLag(space, declared)
  const life = loaded.keep
    ? entryLife({ clock: engine.clock, random: engine.random, options, absent })
    : undefined
  // Where writes wait, the source may lack one that nobody could be asked about.
  const mayLack = right.kind === 'blind' && space.behind
  if (life === undefined || right.kind === 'uncached' || mayLack) {
    await giveBack(engine, space, what)
    return 'uncached'
  }
  const value: NewValue = {
    options,
    life,
    absent,
    value: kept,
    loadMs: loaded.durationMs,
    etag: loaded.etag ?? unchanged?.etag,
  }
  const stored = await fillShared(engine, space, what, value)
  if (stored !== 'refused') space.watch?.filled(key, life.ttlMs)
  if (stored === 'refused' || !mayPublish(engine, reservation, options.tags)) return 'fenced'
  if (!mayCopy(engine, reservation, stored.shared, options.tags)) return 'fenced'
  space.memory?.store(reservation.key, {
    ...newMemoryEntry(engine, space, reservation, value),
    shared: stored.shared,
    ...(stored.blind ? blindTimes(engine, space, what, value) : {}),
    // A renewal would be one of the entry that it stands beside.
    ...(right.kind === 'beside' ? { renewal: 'fixed' } : {}),
  })
  return 'kept'
}

/** Whether a copy belongs to the numbers that are followed here, and outlives what they say. */
export function mayCopy(
  engine: Engine,
  { shared: reserved }: Pick<Reservation, 'shared'>,
  copy: Copied | undefined,
  tags: readonly string[],
): boolean {
  if (reserved === undefined || copy === undefined || engine.shared === undefined) return true
  if (copy.epoch !== reserved.position.epoch) return false
  const verdict = engine.shared.coherence.judgeCopy(reserved.key, copy, tags)
  return verdict === 'stands' || verdict === 'unsure'
}

/** Whether nothing that concerns the value has changed in this process since it was asked for. */
export function mayPublish(
  engine: Engine,
  reservation: Pick<Reservation, 'stamp' | 'shared' | 'alive'>,
  tags: readonly string[],
): boolean {
  return survives(engine, reservation) && engine.order.stands(reservation.stamp, tags)
}

/** What a value lives by: with its own tags, and longer where it is read often. */
export function optionsOfValue(
  space: Space,
  options: ResolvedEntryOptions,
  value: unknown,
  key: Reservation['key'],
): ResolvedEntryOptions {
  if (value === undefined) return options
  return withHeat(space, withValueTags(space, options, value, key), key)
}

/** The declared tags and those of the value. */
export function withValueTags(
  space: Space,
  options: ResolvedEntryOptions,
  value: unknown,
  key: Reservation['key'],
): ResolvedEntryOptions {
  if (space.tagsOf === undefined || value === undefined) return options
  const check = { field: 'tagsOf', refuse: refuseArgument }
  const tags = [...options.tags, ...checkTags(space.tagsOf(value, key), check)]
  return { ...options, tags: checkTags(tags, check) }
}

/** A value with all that decides about its entries. */
export interface NewValue {
  readonly options: ResolvedEntryOptions
  readonly life: EntryLife
  readonly absent: boolean
  readonly value: unknown
  readonly loadMs: number | undefined
  readonly etag?: string | undefined
}

/** The entry that a value makes in this process from now on. */
export function newMemoryEntry(
  engine: Engine,
  space: Space,
  reservation: Reservation,
  { options, life, absent, value, loadMs, etag }: NewValue,
): MemoryEntry {
  const now = engine.clock.monotonic()
  // The absolute end may have come nearer while the tier was asked.
  const freshUntil = now + Math.min(life.ttlMs, life.expiresAt - engine.clock.now())
  const aging = { freshUntil, ttlMs: life.ttlMs, loadMs }
  return {
    value,
    absent,
    freshUntil,
    aheadFrom: aheadFrom(aging, absent ? undefined : options.refreshAhead),
    servedUntil: Math.min(freshUntil, now + (options.memoryTtlMs ?? space.memoryTtlMs)),
    graceUntil: freshUntil + life.graceMs,
    createdAt: now,
    ttlMs: life.ttlMs,
    graceMs: life.graceMs,
    renewal: options.renewal,
    renewableUntil: now + (life.expiresAt - engine.clock.now()),
    stamp: reservation.stamp,
    shared: undefined,
    tags: options.tags,
    size: options.size,
    priority: options.priority,
    loadMs,
    etag,
  }
}

/** At once, unless it is to be compressed. @throws CodecError if the value cannot be kept as bytes. */
export function encodeValue(
  engine: Engine,
  space: Space,
  key: SharedKey,
  { options, life, absent, value, loadMs, etag }: NewValue,
): EncodedEnvelope | Promise<EncodedEnvelope> {
  const content: EnvelopeContent = {
    kind: absent ? 'absent' : 'value',
    value,
    schemaVersion: space.schemaVersion,
    ttlMs: life.ttlMs,
    graceMs: life.graceMs,
    expiresAt: life.expiresAt,
    renewal: options.renewal,
    loadMs,
    etag,
    tags: options.tags,
    size: options.size,
    priority: options.priority,
  }
  const encoding = space.envelope.encode(key.id, content)
  return encoding instanceof Promise
    ? encoding.then((encoded) => toldOf(engine, space, encoded))
    : toldOf(engine, space, encoding)
}

function toldOf(engine: Engine, { pattern }: Space, encoded: EncodedEnvelope): EncodedEnvelope {
  const { compression } = encoded
  if (compression !== undefined) engine.report({ type: 'compression', pattern, ...compression })
  return encoded
}

type Filled = 'refused' | { readonly blind: boolean; readonly shared: MemoryEntry['shared'] }

async function fillShared(
  engine: Engine,
  space: Space,
  what: Commit,
  value: NewValue,
): Promise<Filled> {
  const { right, key, reservation } = what
  if (right.kind === 'alone') return { blind: false, shared: undefined }
  if (right.kind === 'beside') return { blind: false, shared: besideCopy(reservation) }
  const blind = { blind: true, shared: blindCopy(reservation) }
  if (right.kind !== 'leased' || engine.shared === undefined) return blind
  const { token, grant, epoch } = right
  // Only what the lease was granted over is known to be what stands there.
  const unchanged = what.loaded.unchanged === true && right.previous === what.previous
  const renews = unchanged && right.renewable
  const envelope = renews ? undefined : await encodeOrReport(engine, space, key, value)
  if (envelope === undefined && !renews) {
    engine.background.run('release', engine.shared.access.release({ ...key, token, grant }))
    return blind
  }
  const answer = await engine.shared.access.fill({
    ...key,
    envelope,
    ttlMs: value.life.ttlMs,
    graceMs: value.life.graceMs,
    tags: value.options.tags,
    token,
    grant,
    epoch,
  })
  if (answer === undefined) return blind
  if (answer.kind === 'refused') return 'refused'
  const asOf = knownSince(reservation, { epoch, stamp: grant })
  return { blind: false, shared: { epoch, stamp: grant, asOf, blind: false } }
}

/** The place of a value that the tier has said nothing about: as new as what is known here. */
export function blindCopy({ shared }: Reservation): Copied | undefined {
  if (shared === undefined) return undefined
  const { epoch, cursor } = shared.position
  return { epoch, stamp: cursor, asOf: cursor, blind: true }
}

/** The tier was asked, and what it holds is no copy of this: as new as what was known before the load. */
function besideCopy(reservation: Reservation): Copied | undefined {
  const copy = blindCopy(reservation)
  return copy && { ...copy, blind: false }
}

/** A value that cannot become bytes is still the caller's, and is kept in this process for a short time. */
async function encodeOrReport(
  engine: Engine,
  space: Space,
  key: SharedKey,
  value: NewValue,
): Promise<Uint8Array | undefined> {
  try {
    return (await encodeValue(engine, space, key, value)).bytes
  } catch (error) {
    reportUnkept(engine, space, error)
    return undefined
  }
}

/** `undefined`: it is no value to keep, such as a function, or its tags cannot be. */
function optionsOrReport(
  engine: Engine,
  space: Space,
  { options, value }: Loaded,
  key: Reservation['key'],
): ResolvedEntryOptions | undefined {
  try {
    if (value !== undefined) checkValue(value)
    return optionsOfValue(space, options, value, key)
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    reportUnkept(engine, space, error)
    return undefined
  }
}

function reportUnkept(engine: Engine, { pattern }: Space, error: unknown): void {
  const what = { kind: 'fill', outcome: 'failed', count: 1, durationMs: 0 } as const
  engine.report({ type: 'write', pattern, ...what, error })
}

/** What was loaded while nobody could say what the shared tier holds is kept for `maxBlindness`. */
function blindTimes(
  engine: Engine,
  space: Space,
  { loadedSince }: Commit,
  { life, options }: NewValue,
): Pick<MemoryEntry, 'freshUntil' | 'aheadFrom' | 'servedUntil' | 'graceUntil'> {
  const memoryTtlMs = options.memoryTtlMs ?? space.memoryTtlMs
  const until = loadedSince + Math.min(engine.maxBlindnessMs, life.ttlMs, memoryTtlMs)
  const aheadFrom = Number.POSITIVE_INFINITY
  return { freshUntil: until, aheadFrom, servedUntil: until, graceUntil: until }
}

/**
 * Nothing is kept: the lease goes to the next, and what was there before ends, since its readers would
 * go back behind what the source has just said.
 */
async function giveBack(
  engine: Engine,
  space: Space,
  { right, key, reservation }: Commit,
): Promise<void> {
  if (reservation.alive) space.memory?.remove(reservation.key, 'invalidated')
  if (right.kind !== 'leased' || engine.shared === undefined) return
  if (!right.replaces) {
    await engine.shared.access.release({ ...key, token: right.token, grant: right.grant })
    return
  }
  const gone = { kind: 'keys', keys: [key], mode: 'delete' } as const
  await engine.shared.access.invalidate(gone).catch(() => engine.shared?.outbox.add(gone))
}
