/** Ends a cache: in an order in which what was promised to callers is kept before the tiers close. */

import type { Observer } from '../contracts/observer.ts'
import type { DrainReport } from '../contracts/write-behind.ts'
import type { Engine } from './engine.ts'
import type { Locks } from './locks.ts'
import type { ReadTelling } from './read-telling.ts'
import type { Space } from './space.ts'
import { within } from './within.ts'

export interface ClosingParts {
  readonly engine: Engine
  readonly memory: { readonly close: () => void } | undefined
  readonly spaces: Iterable<Space>
  readonly locks: Pick<Locks, 'stop' | 'close'>
  readonly telling: Pick<ReadTelling, 'end'>
  readonly observer: Pick<Observer, 'close'>
  /** Aborts `engine.closing`. */
  readonly abort: () => void
}

const NOTHING_WAITED: DrainReport = { flushed: 0, remaining: 0, deadLettered: 0, unknown: 0 }

/** What is still running is waited for no longer than this. */
const CLOSE_MS = 5_000

/** `timeoutMs`: for writes that wait for the source. Never rejects for what others leave undone. */
export async function closeCache(
  { engine, memory, spaces, locks, telling, observer, abort }: ClosingParts,
  timeoutMs: number,
): Promise<DrainReport> {
  const { clock, shared } = engine
  abort()
  const warmed = engine.warming?.close()
  locks.stop()
  // First, so that no hit is answered any more, and what still comes in is not kept.
  memory?.close()
  for (const space of spaces) {
    for (const flight of space.flights.values()) flight.abort(engine.closing.reason)
    space.reservations.killAll()
  }
  const began = clock.monotonic()
  const still = (): Error => new Error('still busy')
  const leftFor = (work: Promise<void>): Promise<void> => {
    const leftMs = Math.max(0, began + CLOSE_MS - clock.monotonic())
    return within(clock, leftMs, work, still).catch(() => {})
  }
  // What is being written is acknowledged first, and counted among what waits.
  await leftFor(engine.background.changed())
  await locks.close()
  const drained = (await engine.behind?.close(timeoutMs)) ?? NOTHING_WAITED
  // A loader that ignores its signal may run for ever; the cache does not wait for it that long.
  if (warmed !== undefined) await leftFor(warmed)
  await leftFor(engine.background.idle())
  const left = (await shared?.outbox.flush()) ?? 0
  if (left > 0) engine.log.warn('close', '*', `${left} invalidations were never told`, {})
  await shared?.notes.close()
  telling.end()
  observer.close()
  shared?.coherence.close()
  // After the last beat was sent, and before the way to the tier is closed.
  await shared?.access.leave()
  const closed = shared?.access.close() ?? Promise.resolve()
  await within(clock, CLOSE_MS, closed, () => new Error('not closed')).catch((error) =>
    engine.log.warn('close', '*', 'the shared tier did not close', { error }),
  )
  return drained
}
