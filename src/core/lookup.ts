/**
 * One read, from the tiers down to the source.
 *
 * In this process → join or open the one load of the key → shared tier → source; what is found on
 * the way fills the tiers above. `get`, `getOrLoad`, `getMany`, `read` and `refresh` are forms of it.
 */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { ReadMode } from '../contracts/options.ts'
import type { CacheKey } from '../contracts/source.ts'
import { checkKey } from '../keys/key-encoding.ts'
import { type Answer, answerFrom } from './answer.ts'
import { awaitBeginning } from './await-beginning.ts'
import { checkOpen, type Engine } from './engine.ts'
import type { Asked, Fallback, Flight } from './flight.ts'
import { openFlight } from './fly.ts'
import type { Load } from './loads.ts'
import { copyStands, readLocal } from './local-read.ts'
import { awaitVersion, reaches } from './min-version.ts'
import { noteSharedRead } from './note-read.ts'
import { publishFound } from './publish-found.ts'
import { considerAhead } from './refresh-ahead.ts'
import { reserve, survives } from './reserve.ts'
import type { ResolvedEntryOptions } from './resolve-entry-options.ts'
import { contentOf } from './shared-ask.ts'
import { readShared } from './shared-reader.ts'
import type { ResolvedTimeouts, Space } from './space.ts'
import { asksShared } from './switch-mode.ts'
import { untilAborted } from './until-aborted.ts'
import type { Moment, ReadVersion } from './version-token.ts'
import { answerStale, waitForFlight } from './wait-for-flight.ts'

export interface LookupRequest {
  /** `undefined`: never loads. */
  readonly load: Load | undefined
  readonly options: ResolvedEntryOptions
  readonly mode: ReadMode
  /** What the answer must have seen. */
  readonly minVersion: ReadVersion | undefined
  readonly signal: AbortSignal | undefined
  readonly timeouts: ResolvedTimeouts
  /** How much of them is over already, in milliseconds; 0 if absent. */
  readonly waitedMs?: number
  /** `refresh`: load although the entry is fresh. */
  readonly reason: 'miss' | 'refresh'
  /** What the shared tier has said in this read already. */
  readonly asked: Asked | undefined
  /** Nobody has asked: it is no hit and no miss, and its load is told as a warming. */
  readonly warms?: boolean
}

/** While the tier is not followed, a load is shared for this long. */
const CONNECTED_MS = 1_000

/**
 * @throws ArgumentError for a key that cannot be one; ClosedError; the caller's abort reason;
 * LoaderTimeoutError; whatever the loader throws, where no graced value is at hand.
 */
export async function lookup(
  engine: Engine,
  space: Space,
  key: CacheKey,
  given: LookupRequest,
): Promise<Answer> {
  checkOpen(engine)
  checkKey(key)
  given.signal?.throwIfAborted()
  const beginning = engine.shared?.coherence.beginning
  const request =
    beginning === undefined
      ? given
      : { ...given, waitedMs: await awaitBeginning(engine, beginning, given) }
  if (beginning !== undefined) checkOpen(engine)
  const { minVersion } = request
  if (minVersion === undefined) {
    return await answerFromTiers(engine, space, key, { ...request, must: undefined })
  }
  const { sight, waitedMs } = await awaitVersion(engine, space, key, { ...request, minVersion })
  const left = { ...request, waitedMs }
  return sight.kind === 'seen'
    ? await answerFromTiers(engine, space, key, { ...left, must: sight.must })
    : await answerBehind(engine, space, key, { ...left, followed: sight.followed })
}

/**
 * Past all tiers, which may be older than what must have been seen, but for what waits for the source: a
 * tier that can be followed knows all of it.
 */
async function answerBehind(
  engine: Engine,
  space: Space,
  key: CacheKey,
  { followed, ...request }: LookupRequest & { readonly followed: boolean },
): Promise<Answer> {
  const { load, mode } = request
  if (load === undefined || mode === 'memory' || mode === 'shared') {
    return { found: false, tier: mode === 'memory' ? 'memory' : 'shared' }
  }
  const asked = followed ? undefined : 'unanswered'
  const past = { fallback: undefined, must: undefined, uncached: true } as const
  const behind = { ...request, ...past, load, asked } as const
  const flight = open(engine, space, key, behind)
  return handedOut(space, await waitForFlight(engine, space, { ...request, flight }))
}

interface TierRequest extends LookupRequest {
  readonly must: Moment | undefined
}

async function answerFromTiers(
  engine: Engine,
  space: Space,
  key: CacheKey,
  request: TierRequest,
): Promise<Answer> {
  const { load, options } = request
  const skipsMemory = request.reason === 'refresh' || request.mode === 'shared'
  const local = skipsMemory ? undefined : localOf(engine, space, key, request)
  if (local?.kind === 'served') {
    if (load !== undefined) considerAhead(engine, space, key, { entry: local.entry, load, options })
    return answerFrom(local.entry, 'memory', engine.clock.monotonic())
  }
  if (request.mode === 'memory') return { found: false, tier: 'memory' }
  const fallback = local?.fallback && ({ entry: local.fallback, tier: 'memory' } as const)
  if (load === undefined || request.mode === 'shared') {
    if (request.mode === 'source') return { found: false, tier: 'source' }
    if (request.asked !== undefined) return { found: false, tier: 'shared' }
    if (!asksShared(space) && !space.behind) return { found: false, tier: 'memory' }
    const told = request.warms !== true
    return await untilAborted(request.signal, () => peekShared(engine, space, key, told))
  }
  if (fallback !== undefined && space.resting.rests(key, engine.clock.monotonic())) {
    return handedOut(space, answerStale(engine, space.patternOf(key), fallback, 'load-failed'))
  }
  const answer = await board(engine, space, key, { ...request, load, fallback })
  const entry = answer.found ? answer.entry : undefined
  if (entry !== undefined) considerAhead(engine, space, key, { entry, load, options })
  return handedOut(space, answer)
}

/** As it is declared that values are handed out. */
function handedOut(space: Space, answer: Answer): Answer {
  if (!answer.found || space.declaredMemory === undefined) return answer
  return { ...answer, value: space.declaredMemory.handOut(answer.value) }
}

function localOf(
  engine: Engine,
  space: Space,
  key: CacheKey,
  { warms }: Pick<LookupRequest, 'warms'>,
): ReturnType<typeof readLocal> {
  const local = readLocal(engine, space, key)
  if (local === undefined || warms === true) return local
  const counters = space.counters.of(key)
  if (local.kind === 'served') {
    counters.memoryHits += 1
    space.shadow?.copyHit(key)
  } else counters.memoryMisses += 1
  engine.log.read?.(space.pattern, 'memory', local.kind === 'served')
  return local
}

/** A read that loads nothing: the shared tier's entry if it is fresh. `told`: it counts as a read. */
async function peekShared(
  engine: Engine,
  space: Space,
  key: CacheKey,
  told: boolean,
): Promise<Answer> {
  const sharedKey = space.sharedKey(key)
  const { shared } = engine
  if (shared === undefined) return { found: false, tier: 'memory' }
  if (shared.outbox.holdsKey(sharedKey)) return { found: false, tier: 'shared' }
  const { coherence } = shared
  if (
    !coherence.readable(sharedKey) &&
    !(await coherence.catchUp(shared.access.shardOf(sharedKey)))
  ) {
    return { found: false, tier: 'shared' }
  }
  const reservation = reserve(engine, space, key)
  try {
    const askedAt = engine.clock.monotonic()
    const { tagsTold } = shared.outbox
    const reading = await shared.access.read(sharedKey)
    if (reading === undefined) {
      if (told) space.counters.of(key).sharedErrors += 1
      return { found: false, tier: 'shared' }
    }
    const { entry, serverNow, epoch } = reading
    const sighting = { key: sharedKey, serverNow, epoch, askedAt, reservation, tagsTold }
    const finding =
      entry === undefined ? undefined : await readShared(engine, space, { ...sighting, entry })
    const now = engine.clock.monotonic()
    const distrusted = shared.outbox.holdsKey(sharedKey)
    // Nothing but what the source does not have yet.
    const passed = !asksShared(space) && entry?.pending !== true
    if (finding?.kind !== 'entry' || now >= finding.entry.freshUntil || distrusted || passed) {
      if (told) {
        space.counters.of(key).sharedMisses += 1
        engine.log.read?.(space.pattern, 'shared', false)
      }
      return { found: false, tier: 'shared' }
    }
    if (told) {
      space.counters.of(key).sharedHits += 1
      space.shadow?.sharedHit(key, contentOf(finding.entry))
      engine.log.read?.(space.pattern, 'shared', true)
      if (entry !== undefined) noteSharedRead(engine, space, { key: sharedKey, entry, serverNow })
    }
    publishFound(engine, space, reservation, finding.entry)
    return answerFrom(finding.entry, 'shared', now)
  } finally {
    space.reservations.release(reservation)
  }
}

interface Boarding extends TierRequest {
  readonly load: Load
  readonly fallback: Fallback | undefined
  /** Goes to the source past all tiers, and keeps nothing. */
  readonly uncached?: boolean
}

/** Joins the load that is under way for the key, or opens one, and waits for it. */
function board(engine: Engine, space: Space, key: CacheKey, boarding: Boarding): Promise<Answer> {
  const { signal, timeouts, reason, waitedMs = 0, warms } = boarding
  const waited = (flight: Flight): Promise<Answer> =>
    waitForFlight(engine, space, { flight, signal, timeouts, waitedMs, reason, warms })
  const running = joinable(engine, space, key, boarding)
  if (running === undefined) return waited(open(engine, space, key, boarding))
  const fallback = running.fallback ?? boarding.fallback
  const graced = fallback !== undefined && engine.clock.monotonic() < fallback.entry.graceUntil
  // One caller's wait is enough: the others are served what there is (S3).
  if (reason === 'miss' && graced) {
    return Promise.resolve(answerStale(engine, space.patternOf(key), fallback, 'load-slow'))
  }
  return waited(running)
}

/**
 * The load under way that this read may share. Not one that a change has cut off: its value may be
 * older than the change (protocol rule 8). A refresh shares no load that has begun.
 */
function joinable(
  engine: Engine,
  space: Space,
  key: CacheKey,
  { reason, must }: Boarding,
): Flight | undefined {
  const flight = space.flights.get(key)
  if (flight === undefined || flight.signal.aborted || flight.uncached) return undefined
  if (!survives(engine, flight.reservation)) return undefined
  // Its tags are known when it ends; until then, any removal may have been of one of them.
  if (!engine.order.untouched(flight.reservation.stamp)) return undefined
  if (isBehind(engine, flight, must)) return undefined
  if (engine.clock.monotonic() > flight.abandonedAt) {
    space.reservations.kill(key)
    flight.abort(new Error(`The load took longer than ${flight.patienceMs} ms and was given up.`))
    return undefined
  }
  if (reason === 'refresh' && (flight.reason !== 'refresh' || flight.loading)) return undefined
  // As if there were no cache: what the source was asked before this read is not its answer.
  if (space.mode === 'off' && flight.loading) return undefined
  return flight
}

/** Whether what the load has read may be older than a reader who comes now is promised. */
function isBehind(engine: Engine, flight: Flight, must: Moment | undefined): boolean {
  const { shared } = flight.reservation
  if (shared === undefined || engine.shared === undefined) return false
  const { coherence } = engine.shared
  if (must !== undefined && !reaches(shared.position, must)) return true
  if (coherence.tagsRemovedSince(shared.position)) return true
  // A process that was paused, or is cut off, would join its own past.
  const ageMs = engine.clock.monotonic() - flight.openedAt
  return ageMs > CONNECTED_MS && !coherence.connected(shared.key)
}

function open(engine: Engine, space: Space, key: CacheKey, boarding: Boarding): Flight {
  // Nobody would end it any more, nor who waits for it.
  checkOpen(engine)
  const { reason, fallback, asked, load, options, warms = false, uncached = false } = boarding
  const previous = reason === 'refresh' ? heldHere(engine, space, key) : undefined
  // What was on its way before a refresh must not be kept after it.
  if (reason === 'refresh') space.reservations.kill(key)
  const { memoryTtlMs } = options
  const { hardMs } = boarding.timeouts
  const plan = { load, options, warms }
  const start = { reason, uncached, asked, hardMs, fallback, previous, memoryTtlMs, plan }
  return openFlight(engine, space, key, start)
}

/** A refresh is not answered by it, but its loader may find that the source has it still. */
function heldHere(engine: Engine, space: Space, key: CacheKey): MemoryEntry | undefined {
  const entry = space.memory?.find(key, engine.clock.monotonic())
  return entry !== undefined && copyStands(engine, space, key, entry) ? entry : undefined
}
