/**
 * What this process holds for a key, judged: served, kept as a fallback, or gone.
 *
 * The hit path proper is `MemorySpace.hit`; this is the way for all that it leaves open: tags that
 * were removed since, sliding lives, values to be cloned, reads that want to know the origin.
 */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Engine } from './engine.ts'
import { renewSliding } from './sliding.ts'
import type { Space } from './space.ts'

export type LocalFinding =
  | { readonly kind: 'served'; readonly entry: MemoryEntry }
  /** Not to be served as it is; `fallback` may be, while or where a load does not help. */
  | { readonly kind: 'missing'; readonly fallback: MemoryEntry | undefined }

const MISSING: LocalFinding = { kind: 'missing', fallback: undefined }

/** `undefined`: the memory tier is off. */
export function readLocal(engine: Engine, space: Space, key: CacheKey): LocalFinding | undefined {
  const { memory } = space
  if (memory === undefined) return undefined
  const now = engine.clock.monotonic()
  const entry = memory.find(key, now)
  if (entry === undefined) return MISSING
  if (!engine.order.stands(entry.stamp, entry.tags)) {
    memory.remove(key, 'invalidated')
    return MISSING
  }
  if (now < entry.servedUntil) {
    memory.vouch(key)
    renewSliding(engine, space, key, { entry, copied: true })
    return { kind: 'served', entry: { ...entry, value: memory.handOut(entry.value) } }
  }
  const graced = entry.graceMs > 0 && now < entry.graceUntil
  return graced ? { kind: 'missing', fallback: entry } : MISSING
}
