/** Looking at the life of one entry and changing it: `ttl` and `touch` (X5). */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { Duration } from '../contracts/options.ts'
import type { SharedReading } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { aheadOf } from './ahead-window.ts'
import type { Engine } from './engine.ts'
import { durationMs, refuseArgument } from './field-check.ts'
import { asItStands, copyStands, staysAsItIs } from './local-read.ts'
import { readShared } from './shared-reader.ts'
import type { Space } from './space.ts'
import { asksShared } from './switch-mode.ts'

/** An entry with the tiers that hold it. */
export interface Located {
  readonly entry: MemoryEntry
  readonly tiers: readonly ('memory' | 'shared')[]
  /** The copy in this process. */
  readonly local: MemoryEntry | undefined
  /** What the shared tier has. */
  readonly shared:
    | {
        readonly entry: MemoryEntry
        readonly envelopeBytes: number
        /** It is a write that waits for the source. */
        readonly pending: boolean
      }
    | undefined
}

/**
 * The entry, fresh or in grace, without using it. The shared tier's word counts more. `everywhere`: also
 * in a tier that reads do not ask by the mode of the collection.
 */
export async function locate(
  engine: Engine,
  space: Space,
  key: CacheKey,
  where: 'asked' | 'everywhere' = 'asked',
): Promise<Located | undefined> {
  const sharedKey = space.sharedKey(key)
  const askedAt = engine.clock.monotonic()
  const tagsTold = engine.shared?.outbox.tagsTold ?? 0
  const { shared } = engine
  const reservation = { stamp: engine.order.stamp, shared: undefined }
  const asks =
    shared !== undefined &&
    (where === 'everywhere' || space.behind || asksShared(space)) &&
    !shared.outbox.holdsKey(sharedKey) &&
    (shared.coherence.readable(sharedKey) ||
      (await shared.coherence.catchUp(shared.access.shardOf(sharedKey))))
  const reading: SharedReading | undefined = asks ? await shared.access.read(sharedKey) : undefined
  const found = space.memory?.find(key, engine.clock.monotonic())
  const local = found && asItStands(engine, space, key, found)
  if (reading?.entry !== undefined) {
    const { entry, serverNow } = reading
    const finding = await readShared(engine, space, {
      key: sharedKey,
      entry,
      serverNow,
      askedAt,
      reservation,
      tagsTold,
    })
    // An entry without an end is past its grace before the tier can know it.
    if (finding.kind === 'entry' && engine.clock.monotonic() < finding.entry.graceUntil) {
      const tiers = local === undefined ? (['shared'] as const) : (['memory', 'shared'] as const)
      const envelopeBytes = entry.envelope.byteLength
      const shared = { entry: finding.entry, envelopeBytes, pending: entry.pending === true }
      return { entry: finding.entry, tiers, local, shared }
    }
  }
  return local && { entry: local, tiers: ['memory'], local, shared: undefined }
}

/** Milliseconds of freshness left; 0 in grace. @throws ArgumentError */
export async function ttlOf(
  engine: Engine,
  space: Space,
  key: CacheKey,
): Promise<number | undefined> {
  const located = await locate(engine, space, key)
  if (located === undefined || located.entry.absent) return undefined
  return Math.max(0, located.entry.freshUntil - engine.clock.monotonic())
}

/**
 * Gives the entry `ttl` from now, or the life it was granted. An absolute end still caps it.
 *
 * @throws ArgumentError; TierError if the shared tier does not answer.
 */
export async function touchEntry(
  engine: Engine,
  space: Space,
  key: CacheKey,
  ttl: Duration | 'none' | undefined,
): Promise<boolean> {
  const asked = askedLife(ttl)
  const located = await locate(engine, space, key)
  if (located === undefined || located.entry.absent) return false
  const { entry, local, shared } = located
  // What was expired by a tag is given no new life: it would be a fresh hit of what is to be loaded anew.
  if (shared === undefined && local !== undefined && !staysAsItIs(engine, space, key, local))
    return false
  const now = engine.clock.monotonic()
  const { ttlMs, graceMs } = lifeFromNow(engine, entry, asked)
  if (ttlMs === 0) return false
  // Where the mode leaves the tier out, it may never have heard of the copy.
  const asks = space.behind || asksShared(space)
  if (engine.shared !== undefined && entry.shared !== undefined && asks) {
    const answer = await engine.shared.access.touch({
      ...space.sharedKey(key),
      ...entry.shared,
      ttlMs,
      graceMs,
    })
    if (answer.kind === 'gone') return false
  }
  renewLocal(engine, space, key, { seen: entry, ttlMs, now })
  return true
}

/** `undefined`: as it was granted. @throws ArgumentError */
export function askedLife(ttl: Duration | 'none' | undefined): number | undefined {
  if (ttl === 'none') return Number.POSITIVE_INFINITY
  return ttl === undefined ? ttl : durationMs(ttl, { field: 'ttl', refuse: refuseArgument })
}

/** What an entry gets that was granted such a life; 0: its absolute end is over. */
export function lifeFromNow(
  { clock }: Engine,
  granted: Pick<MemoryEntry, 'ttlMs' | 'graceMs'> & { readonly renewableUntil?: number },
  asked: number | undefined,
): { readonly ttlMs: number; readonly graceMs: number } {
  const { ttlMs, graceMs, renewableUntil = Number.POSITIVE_INFINITY } = granted
  const leftMs = renewableUntil - clock.monotonic()
  return { ttlMs: Math.max(0, Math.min(asked ?? ttlMs, leftMs)), graceMs }
}

/**
 * The copy in this process follows, if it is still of the value that was touched. Its `ttlMs` stays
 * what was granted, as it does in the shared tier: what was touched once is not granted for ever.
 */
function renewLocal(
  engine: Engine,
  space: Space,
  key: CacheKey,
  what: { readonly seen: MemoryEntry; readonly ttlMs: number; readonly now: number },
): void {
  const { seen, ttlMs, now } = what
  const local = space.memory?.find(key, engine.clock.monotonic())
  space.resting.end(key)
  if (local === undefined) return
  if (local.shared?.stamp !== seen.shared?.stamp) {
    // It is of another life; what was touched is in the shared tier, and is found there.
    space.memory?.remove(key, 'replaced')
    return
  }
  // Storing it vouches for it: a tag that was removed while the tier was asked must be judged first.
  if (!copyStands(engine, space, key, local)) return
  // What was loaded blind ends when it was to end.
  if (local.shared?.blind === true) return
  const freshUntil = now + ttlMs
  // No renewal stretches the hard age of a copy, nor a life in this process that was asked for.
  const aged = engine.shared !== undefined || local.servedUntil < local.freshUntil
  const servedUntil = aged ? Math.min(local.servedUntil, freshUntil) : freshUntil
  space.memory?.store(key, {
    ...local,
    freshUntil,
    aheadFrom: aheadOf(local, freshUntil),
    servedUntil,
    graceUntil: freshUntil + local.graceMs,
  })
}
