/**
 * Putting values into the cache: `set` and `setMany`.
 *
 * A value is in the shared tier before it is in this process, and it is in this process before the
 * call resolves. Of changes that overlap, the one that the shared tier took last stays.
 */

import type { Copied } from '../contracts/coherence.ts'
import { ArgumentError } from '../contracts/errors.ts'
import type { VersionToken } from '../contracts/options.ts'
import type { BatchReport } from '../contracts/receipts.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { checkValue } from './check-value.ts'
import {
  blindCopy,
  encodeValue,
  mayCopy,
  mayPublish,
  type NewValue,
  newMemoryEntry,
  optionsOfValue,
} from './commit.ts'
import type { Engine, SharedParts } from './engine.ts'
import { entryLife } from './entry-life.ts'
import { inSlices, ofSlices, TURN_BATCH } from './in-slices.ts'
import type { Reservation } from './reservations.ts'
import { reserve } from './reserve.ts'
import type { ResolvedEntryOptions } from './resolve-entry-options.ts'
import type { Space } from './space.ts'
import { asksShared } from './switch-mode.ts'
import { type Moment, NewestMoments, versionToken } from './version-token.ts'

export interface SetRequest {
  readonly key: CacheKey
  readonly value: unknown
  readonly options: ResolvedEntryOptions
}

/**
 * @throws ArgumentError for a key or value that cannot be one; CodecError for a value that cannot be
 * kept as bytes. Nothing is stored then. If the shared tier does not answer, the call resolves: the
 * value is in this process, and what the tier holds is removed when it answers again.
 */
export async function setValue(
  engine: Engine,
  space: Space,
  request: SetRequest,
): Promise<VersionToken> {
  const startedAt = engine.clock.monotonic()
  const pattern = space.patternOf(request.key)
  const put = await storeValue(engine, space, request).catch((error: unknown) => {
    reportWrite(engine, pattern, { count: 1, startedAt, error, key: request.key })
    throw error
  })
  reportWrite(engine, pattern, { count: 1, startedAt, error: put.failure, key: request.key })
  return versionToken(put.moment && [put.moment])
}

/**
 * Never rejects for a value: what could not be stored is in the report.
 *
 * @throws ArgumentError for an entry that is no pair; of a list, before anything is stored.
 */
export async function setValues(
  engine: Engine,
  space: Space,
  entries: Iterable<readonly [CacheKey, unknown]>,
  options: ResolvedEntryOptions,
): Promise<BatchReport<CacheKey>> {
  const startedAt = engine.clock.monotonic()
  const failed: { key: CacheKey; error: unknown }[] = []
  const newest = new NewestMoments()
  const told = new Map<string, { succeeded: number; failed: number; error: unknown }>()
  const tallyOf = (key: CacheKey): { succeeded: number; failed: number; error: unknown } => {
    const pattern = space.patternOf(key)
    const tally = told.get(pattern) ?? { succeeded: 0, failed: 0, error: undefined }
    told.set(pattern, tally)
    return tally
  }
  let succeeded = 0
  // What is no list is looked at piece by piece.
  if (Array.isArray(entries)) checkPairs(entries)
  const storeChunk = async (chunk: readonly (readonly [CacheKey, unknown])[]): Promise<void> => {
    checkPairs(chunk)
    const outcomes = await Promise.allSettled(
      chunk.map(([key, value]) => storeValue(engine, space, { key, value, options })),
    )
    for (const [index, outcome] of outcomes.entries()) {
      const error = outcome.status === 'rejected' ? outcome.reason : outcome.value.failure
      const key = (chunk[index] as readonly [CacheKey, unknown])[0]
      const tally = tallyOf(key)
      if (error === undefined) {
        succeeded += 1
        tally.succeeded += 1
      } else {
        failed.push({ key, error })
        tally.failed += 1
        tally.error ??= error
      }
      if (outcome.status === 'fulfilled' && outcome.value.moment !== undefined) {
        newest.add(outcome.value.moment)
      }
    }
  }
  const chunks = inSlices(engine.clock, entries, TURN_BATCH)
  for await (const _ of ofSlices(chunks, storeChunk));
  for (const [pattern, tally] of told) {
    const { succeeded: done, failed: undone, error } = tally
    if (done > 0) reportWrite(engine, pattern, { count: done, startedAt, error: undefined })
    if (undone > 0) reportWrite(engine, pattern, { count: undone, startedAt, error })
  }
  const durationMs = engine.clock.monotonic() - startedAt
  return { succeeded, failed, durationMs, version: newest.token }
}

function checkPairs(entries: readonly unknown[]): void {
  for (const [at, entry] of entries.entries()) {
    if (Array.isArray(entry) && entry.length === 2) continue
    throw new ArgumentError({
      field: `entries[${at}]`,
      expected: 'a key and its value, such as `[key, value]`',
      actual: Array.isArray(entry) ? `a list of ${entry.length}` : entry,
      cure: 'What they live by is given once, behind the entries; for lives of their own use `batch`.',
    })
  }
}

interface Put {
  /** Of the tier, if there was one. */
  readonly failure: unknown
  /** `undefined`: the tier did not number it. */
  readonly moment: Moment | undefined
}

async function storeValue(
  engine: Engine,
  space: Space,
  { key, value, options: declared }: SetRequest,
): Promise<Put> {
  checkValue(value)
  const sharedKey = space.sharedKey(key)
  const options = optionsOfValue(space, declared, value, key)
  const life = entryLife({ ...engine, options, absent: false })
  if (life === undefined) {
    throw new ArgumentError({
      field: 'expiresAt',
      expected: 'in the future',
      actual: options.expiresAt,
    })
  }
  const reservation = reserve(engine, space, key, 'set')
  try {
    const kept = space.declaredMemory?.handOut(value) ?? value
    const fresh: NewValue = { options, life, absent: false, value: kept, loadMs: undefined }
    const put = await storeInTiers(engine, space, { sharedKey, reservation, fresh })
    space.watch?.filled(key, life.ttlMs)
    return put
  } finally {
    space.reservations.release(reservation)
  }
}

async function storeInTiers(
  engine: Engine,
  space: Space,
  what: {
    readonly sharedKey: SharedKey
    readonly reservation: Reservation
    readonly fresh: NewValue
  },
): Promise<Put> {
  const { sharedKey, reservation, fresh } = what
  const { key } = reservation
  const stored = await storeShared(engine, space, sharedKey, fresh)
  const publishes =
    stored.kind !== 'refused' &&
    // A hint of this very change may have come before its answer.
    stored.number >= reservation.outrunBy &&
    mayPublish(engine, reservation, fresh.options.tags)
  space.reservations.outrun(key, stored.kind === 'refused' ? 0 : stored.number)
  space.resting.end(key)
  if (publishes) publishOwn(engine, space, { reservation, fresh, stored })
  else space.memory?.remove(key, 'replaced')
  const failure = stored.kind === 'failed' ? stored.error : undefined
  return { failure, moment: stored.kind === 'failed' ? undefined : stored.moment }
}

/** The writer's own copy, before its call resolves (protocol rule 7). */
function publishOwn(
  engine: Engine,
  space: Space,
  what: {
    readonly reservation: Reservation
    readonly fresh: NewValue
    readonly stored: Exclude<StoredShared, { kind: 'refused' }>
  },
): void {
  const { reservation, fresh, stored } = what
  const entry = newMemoryEntry(engine, space, reservation, fresh)
  if (stored.kind === 'failed') {
    const until = Math.min(entry.servedUntil, engine.clock.monotonic() + engine.maxBlindnessMs)
    const aheadFrom = Number.POSITIVE_INFINITY
    const times = { freshUntil: until, aheadFrom, servedUntil: until, graceUntil: until }
    space.memory?.store(reservation.key, { ...entry, ...times, shared: blindCopy(reservation) })
  } else if (mayCopy(engine, reservation, stored.shared, fresh.options.tags)) {
    space.memory?.store(reservation.key, { ...entry, shared: stored.shared })
  } else {
    space.memory?.remove(reservation.key, 'replaced')
  }
}

type StoredShared =
  | {
      readonly kind: 'stored'
      /** Orders it among the changes of the key: the tier's sequence, or this process's own. */
      readonly number: number
      readonly shared: Copied | undefined
      readonly moment: Moment | undefined
    }
  | { readonly kind: 'refused'; readonly moment: Moment }
  | { readonly kind: 'failed'; readonly number: number; readonly error: unknown }

async function storeShared(
  engine: Engine,
  space: Space,
  key: SharedKey,
  fresh: NewValue,
): Promise<StoredShared> {
  if (engine.shared === undefined) {
    return { kind: 'stored', number: engine.order.next(), shared: undefined, moment: undefined }
  }
  if (!asksShared(space)) return await removeShared(engine.shared, key, engine.order)
  const encoding = encodeValue(engine, space, key, fresh)
  const { bytes } = encoding instanceof Promise ? await encoding : encoding
  const { ttlMs, graceMs } = fresh.life
  try {
    const { tags } = fresh.options
    const answer = await engine.shared.access.set({ ...key, envelope: bytes, ttlMs, graceMs, tags })
    if (answer.kind === 'writing') return { kind: 'refused', moment: answer }
    const { epoch, sequence } = answer
    const shared = { epoch, stamp: sequence, asOf: sequence, blind: false }
    return { kind: 'stored', number: sequence, shared, moment: answer }
  } catch (error) {
    engine.shared.outbox.add({ kind: 'keys', keys: [key], mode: 'delete' })
    // Nobody knows when it took effect, if it did: whatever the tier has numbered counts as later,
    // and of those that failed, the one that failed last. Our own numbers lie far below the tier's.
    return { kind: 'failed', number: engine.order.next(), error }
  }
}

/** Switched away from the tier: what stands there must not come back, and copies of it elsewhere go. */
async function removeShared(
  { access, outbox }: SharedParts,
  key: SharedKey,
  order: Engine['order'],
): Promise<StoredShared> {
  try {
    const moment = await access.remove(key)
    const { epoch, sequence } = moment
    const shared = { epoch, stamp: sequence, asOf: sequence, blind: false }
    return { kind: 'stored', number: sequence, shared, moment }
  } catch (error) {
    outbox.add({ kind: 'keys', keys: [key], mode: 'delete' })
    return { kind: 'failed', number: order.next(), error }
  }
}

function reportWrite(
  engine: Engine,
  pattern: string,
  what: {
    readonly count: number
    readonly startedAt: number
    readonly error: unknown
    /** Of one alone. */
    readonly key?: CacheKey
  },
): void {
  const { count, startedAt, error, key } = what
  const outcome = error === undefined ? 'done' : 'failed'
  const durationMs = engine.clock.monotonic() - startedAt
  engine.report({ type: 'write', pattern, kind: 'set', outcome, count, durationMs, error })
  if (outcome === 'done') engine.log.slow('set', pattern, durationMs, key)
}
