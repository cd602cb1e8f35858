/**
 * Loading anew, behind its readers, what they are still served (P6).
 *
 * Called where a read meets an entry near its end. It is a load like any other: one for each key in this
 * process, one for each key among all processes, and fenced by whatever changes meanwhile. What it
 * cannot do now, the next read tries again.
 */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { isDueAhead } from './ahead-window.ts'
import type { Engine } from './engine.ts'
import { type FlightPlan, openFlight } from './fly.ts'
import type { Load } from './loads.ts'
import type { ResolvedEntryOptions } from './resolve-entry-options.ts'
import type { Space } from './space.ts'

/** Of one collection: reads must not open loads without an end. */
const MOST_UNDER_WAY = 256

/** How the entry is loaded, and by which options it is to be near its end. */
export interface AheadLoad {
  readonly load: Load
  readonly options: ResolvedEntryOptions
}

export function considerAhead(
  engine: Engine,
  space: Space,
  key: CacheKey,
  { entry, load, options }: AheadLoad & { readonly entry: MemoryEntry },
): void {
  const plan = options.refreshAhead
  if (plan === undefined || entry.absent || entry.shared?.blind === true) return
  const now = engine.clock.monotonic()
  if (now >= entry.freshUntil) return
  if (!isDueAhead(entry, plan, { now, chance: engine.random.next() })) return
  loadAhead(engine, space, key, { entry, load, options })
}

/**
 * Unless it is being loaded, has just failed, or too much is under way.
 *
 * @returns whether a load was opened; whether it is needed is for the shared tier to say.
 */
export function loadAhead(
  engine: Engine,
  space: Space,
  key: CacheKey,
  what: AheadLoad & Pick<FlightPlan, 'warms' | 'ended'> & { readonly entry: MemoryEntry },
): boolean {
  const { entry, ...plan } = what
  const { ahead, flights } = space
  if (engine.closing.aborted || flights.has(key) || ahead.underWay >= MOST_UNDER_WAY) return false
  if (ahead.resting.rests(key, engine.clock.monotonic())) return false
  ahead.underWay += 1
  openFlight(engine, space, key, {
    reason: 'ahead',
    uncached: false,
    asked: undefined,
    hardMs: space.timeouts.hardMs,
    fallback: { entry, tier: 'memory' },
    previous: undefined,
    memoryTtlMs: plan.options.memoryTtlMs,
    plan,
  })
  return true
}
