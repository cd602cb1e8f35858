/** One entry shown to a person: where it lives and what it lives by (X5). */

import type { Inspection } from '../contracts/cache.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Engine } from './engine.ts'
import { locate } from './lifetimes.ts'
import type { Space } from './space.ts'

/** Costs a read of the shared tier; not a use of the entry. @throws ArgumentError */
export async function inspectEntry(
  engine: Engine,
  space: Space,
  key: CacheKey,
): Promise<Inspection | undefined> {
  const located = await locate(engine, space, key)
  if (located === undefined) return undefined
  const { entry, tiers, envelopeBytes } = located
  const now = engine.clock.monotonic()
  const wall = (at: number): number => Math.round(engine.clock.now() + (at - now))
  const inMemory = tiers.includes('memory') ? space.memory?.sizeOf(key) : undefined
  return {
    tiers,
    ageMs: Math.max(0, now - entry.createdAt),
    freshUntil: wall(entry.freshUntil),
    graceUntil: wall(entry.graceUntil),
    loadMs: entry.loadMs,
    tags: entry.tags,
    schemaVersion: space.schemaVersion,
    sizeBytes: inMemory ?? envelopeBytes ?? 0,
    absent: entry.absent,
  }
}
