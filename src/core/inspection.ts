/** One entry shown to a person: where it lives and what it lives by (X5). */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { InspectedCopy, Inspection } from '../contracts/reading.ts'
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
  const located = await locate(engine, space, key, 'everywhere')
  if (located === undefined) return undefined
  const { entry, tiers, local, shared } = located
  const now = engine.clock.monotonic()
  const wall = (at: number): number => Math.round(engine.clock.now() + (at - now))
  const copy = (of: MemoryEntry, sizeBytes: number): InspectedCopy => ({
    ageMs: Math.max(0, now - of.createdAt),
    freshUntil: wall(of.freshUntil),
    graceUntil: wall(of.graceUntil),
    sizeBytes,
  })
  const memory = local && copy(local, space.memory?.sizeOf(key) ?? 0)
  const there = shared && copy(shared.entry, shared.envelopeBytes)
  return {
    tiers,
    ...copy(entry, memory?.sizeBytes ?? there?.sizeBytes ?? 0),
    loadMs: entry.loadMs,
    tags: entry.tags,
    schemaVersion: space.schemaVersion,
    absent: entry.absent,
    pending: shared?.pending === true,
    memory,
    shared: there,
  }
}
