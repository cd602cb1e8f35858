/** Taking a place in the order of changes, before anybody is asked for a value (CO-3). */

import type { SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Engine } from './engine.ts'
import type { Reservation } from './reservations.ts'
import type { Space } from './space.ts'

/**
 * Must be released, whatever becomes of the value. `known`: the key as the tier has it.
 *
 * @throws ArgumentError for a key that cannot be.
 */
export function reserve(
  engine: Engine,
  space: Space,
  key: CacheKey,
  kind: Reservation['kind'] = 'load',
  known?: SharedKey,
): Reservation {
  const { stamp } = engine.order
  const { coherence } = engine.shared ?? {}
  if (coherence === undefined)
    return space.reservations.reserve({ key, stamp, kind, shared: undefined })
  const sharedKey = known ?? space.sharedKey(key)
  const shared = { key: sharedKey, position: coherence.position(sharedKey) }
  return space.reservations.reserve({ key, stamp, kind, shared })
}

/** Whether a value asked for under this reservation may still be kept, its tags aside. */
export function survives(
  engine: Engine,
  reservation: Pick<Reservation, 'shared' | 'alive'>,
): boolean {
  if (!reservation.alive) return false
  const { shared } = reservation
  if (shared === undefined) return true
  return engine.shared?.coherence.survives(shared.key, shared.position) ?? true
}
