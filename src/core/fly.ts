/**
 * One load of one key, from the shared tier down to the source: opened by `lookup.ts` for those who ask,
 * and by `refresh-ahead.ts` for those who will.
 */

import type { LoadEvent } from '../contracts/events.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Answer } from './answer.ts'
import { type CommitOutcome, commit, type LoadRight } from './commit.ts'
import type { Engine } from './engine.ts'
import { Flight, type FlightOptions } from './flight.ts'
import { keepLease } from './keep-lease.ts'
import type { Load, Loaded } from './loads.ts'
import { reserve, survives } from './reserve.ts'
import type { ResolvedEntryOptions } from './resolve-entry-options.ts'
import { seekShared } from './seek-shared.ts'
import type { Space } from './space.ts'
import { asksShared } from './switch-mode.ts'

/** What is asked for, and how the answer is to be kept. */
export interface FlightPlan {
  readonly load: Load
  readonly options: ResolvedEntryOptions
  /** Nobody has asked for it yet. */
  readonly warms?: boolean
  /** Is called when the flight is over, however it went. */
  readonly ended?: () => void
}

export interface FlightStart extends Omit<FlightOptions, 'key' | 'reservation' | 'openedAt'> {
  readonly plan: FlightPlan
}

/** Takes the place of one that is under way, which goes on for those who wait for it. */
export function openFlight(
  engine: Engine,
  space: Space,
  key: CacheKey,
  { plan, ...start }: FlightStart,
): Flight {
  const flight = new Flight({
    ...start,
    key,
    reservation: reserve(engine, space, key),
    openedAt: engine.clock.monotonic(),
  })
  space.flights.set(key, flight)
  engine.background.run('flight', fly(engine, space, flight, plan), 'load')
  return flight
}

/** Never rejects: what goes wrong is told to those who wait. */
async function fly(engine: Engine, space: Space, flight: Flight, plan: FlightPlan): Promise<void> {
  try {
    let sought = await seekShared(engine, space, flight, space.sharedKey(flight.key))
    // Somebody has come meanwhile, who needs it.
    while (sought.kind === 'needless' && flight.awaited) {
      sought = await seekShared(engine, space, flight, space.sharedKey(flight.key))
    }
    if (sought.kind === 'answer') {
      flight.succeed(sought.answer)
    } else if (sought.kind === 'load') {
      flight.succeed(await loadFor(engine, space, flight, { ...plan, right: sought.right }))
    }
  } catch (error) {
    flight.fail(error)
  } finally {
    space.reservations.release(flight.reservation)
    // Once cut off, the key may belong to a newer flight, which is not ours to remove.
    if (space.flights.get(flight.key) === flight) space.flights.delete(flight.key)
    if (flight.reason === 'ahead') space.ahead.underWay -= 1
    plan.ended?.()
  }
}

async function loadFor(
  engine: Engine,
  space: Space,
  flight: Flight,
  { load, options, right, warms }: FlightPlan & { readonly right: LoadRight },
): Promise<Answer> {
  flight.signal.throwIfAborted()
  flight.loading = true
  const key = space.sharedKey(flight.key)
  const reason = warms === true ? 'warming' : flight.reason
  const loadedSince = engine.clock.monotonic()
  if (reason === 'miss') space.counters.of(flight.key).caused(space.watch?.missed(flight.key))
  const letGo = keepLease(engine, flight, { key, right })
  let loaded: Loaded
  let outcome: CommitOutcome
  let begunAt = loadedSince
  const begins = (): void => {
    begunAt = engine.clock.monotonic()
  }
  try {
    const { reservation, signal } = flight
    const previous = previousOf(flight, right)
    const told = previous && { value: handOut(space, previous.value), etag: previous.etag }
    const stands = (): boolean => survives(engine, reservation)
    const { patienceMs } = flight
    const giveUp = (error: Error): void => flight.abort(error)
    const asked = { key: flight.key, signal, base: options, begins, survives: stands }
    const request = { ...asked, patienceMs, giveUp }
    loaded = await load({ ...request, previous: told })
    const committing = { key, reservation, right, loaded, previous, loadedSince }
    outcome = await commit(engine, space, committing)
    if (loaded.unchanged === true) loaded = { ...loaded, value: previous?.value }
  } catch (error) {
    failed(engine, space, flight, {
      right,
      error,
      reason,
      durationMs: engine.clock.monotonic() - begunAt,
    })
    throw error
  } finally {
    letGo()
  }
  space.resting.end(flight.key)
  if (flight.reason === 'refresh') {
    endOlder(engine, space, flight, { key, right, outcome })
    // A warming replaces nothing of others.
    if (!asksShared(space) && warms !== true) await endShared(engine, key)
  }
  const absent = loaded.value === undefined
  const pattern = space.patternOf(flight.key)
  engine.report({
    type: 'load',
    pattern,
    outcome: loadOutcome(outcome, absent),
    durationMs: loaded.durationMs,
    reason,
    error: undefined,
  })
  engine.log.slow('load', pattern, loaded.durationMs, flight.key)
  if (absent) return { found: false, tier: 'source' }
  const createdAt = engine.clock.monotonic()
  // The tier may hold a write that the source does not have yet.
  const stale = right.kind === 'blind' && space.behind
  return { found: true, value: loaded.value, tier: 'source', createdAt, stale }
}

/** What the tier has counts more than what this process found first. */
function previousOf({ fallback, previous }: Flight, right: LoadRight): MemoryEntry | undefined {
  const held = right.kind === 'leased' ? right.previous : undefined
  const entry = held ?? previous ?? fallback?.entry
  return entry?.absent === true ? undefined : entry
}

/** What a refresh replaces must not be read again, also where the new value could not be kept. */
function endOlder(
  engine: Engine,
  space: Space,
  flight: Flight,
  what: { readonly key: SharedKey; readonly right: LoadRight; readonly outcome: CommitOutcome },
): void {
  // Where a change has cut the load off, what stands there now came after it.
  const { alive } = flight.reservation
  if (what.outcome !== 'kept' && alive) space.memory?.remove(flight.key, 'replaced')
  if (what.right.kind === 'blind') {
    engine.shared?.outbox.add({ kind: 'keys', keys: [what.key], mode: 'delete' })
  }
}

/** Switched away from the tier, a refresh has not replaced what stands there. */
async function endShared({ shared }: Engine, key: SharedKey): Promise<void> {
  const gone = { kind: 'keys', keys: [key], mode: 'delete' } as const
  await shared?.access.invalidate(gone).catch(() => shared.outbox.add(gone))
}

function handOut(space: Space, value: unknown): unknown {
  return space.declaredMemory?.handOut(value) ?? value
}

function loadOutcome(outcome: CommitOutcome, absent: boolean): LoadEvent['outcome'] {
  if (absent) return 'absent'
  return outcome === 'kept' ? 'loaded' : outcome
}

const MOST_REST_MS = 10_000
const REST_SHARE = 0.1

/** Before a load ahead is tried again that has failed: several times in a life, and not at each read. */
function aheadRestMs({ ttlMs }: MemoryEntry, chance: number): number {
  return Math.min(MOST_REST_MS, ttlMs * REST_SHARE) * (0.5 + chance / 2)
}

/** Gives the lease back at once, so that one instance with bad credentials does not hold up others. */
function failed(
  engine: Engine,
  space: Space,
  flight: Flight,
  what: {
    readonly right: LoadRight
    readonly error: unknown
    readonly durationMs: number
    readonly reason: LoadEvent['reason']
  },
): void {
  const { right, error, durationMs, reason } = what
  if (right.kind === 'leased' && engine.shared !== undefined) {
    const key = space.sharedKey(flight.key)
    const { token, grant } = right
    engine.background.run('release', engine.shared.access.release({ ...key, token, grant }))
  }
  const { fallback, key: ownKey } = flight
  const now = engine.clock.monotonic()
  // Nobody wanted it any more: that says nothing of the source.
  if (fallback !== undefined && !flight.signal.aborted) {
    if (flight.reason === 'ahead') {
      space.ahead.resting.hold(ownKey, now + aheadRestMs(fallback.entry, engine.random.next()))
    } else {
      space.resting.begin(ownKey, now, engine.random.next())
    }
  }
  engine.report({
    type: 'load',
    pattern: space.patternOf(ownKey),
    outcome: 'failed',
    durationMs,
    reason,
    error,
  })
}
