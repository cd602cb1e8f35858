/** Keeping a copy of what the shared tier had. */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import { mayCopy, mayPublish } from './commit.ts'
import type { Engine } from './engine.ts'
import type { Reservation } from './reservations.ts'
import { renewSliding } from './sliding.ts'
import type { Space } from './space.ts'

/** A copy is kept unless something that concerns it has changed since it was asked for. */
export function publishFound(
  engine: Engine,
  space: Space,
  reservation: Pick<Reservation, 'key' | 'stamp' | 'shared' | 'alive'>,
  entry: MemoryEntry,
): void {
  const held = space.memory?.find(reservation.key, engine.clock.monotonic())?.shared
  const seen = entry.shared
  // A later read may have been answered first: no read goes back behind what was read before it.
  const overtaken = held !== undefined && held.epoch === seen?.epoch && held.stamp > seen.stamp
  const copied =
    !overtaken &&
    mayPublish(engine, reservation, entry.tags) &&
    mayCopy(engine, reservation, seen, entry.tags)
  if (copied) space.memory?.store(reservation.key, entry)
  renewSliding(engine, space, reservation.key, { entry, copied })
}
