/**
 * What this process holds for a key, judged: served, kept as a fallback, or gone.
 *
 * The hit path proper is `MemorySpace.hit`; this is the way for all that it leaves open: changes heard
 * of since, sliding lives, values to be cloned, reads that want to know the origin.
 */

import type { Verdict } from '../contracts/coherence.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Engine } from './engine.ts'
import { expiredEntry } from './expired-entry.ts'
import { noteCopyRead } from './note-read.ts'
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
  const verdict = judge(engine, space, key, entry)
  if (verdict === 'gone') {
    memory.remove(key, 'invalidated')
    return MISSING
  }
  if (verdict === 'unsure') return readBlind(engine, space, key, entry)
  if (verdict === 'stands' && now < entry.servedUntil) {
    if (memory.vouch(key)) noteCopyRead(engine, space, key)
    renewSliding(engine, space, key, { entry, copied: true })
    return served(space, entry)
  }
  const graced = entry.graceMs > 0 && now < entry.graceUntil
  return graced ? { kind: 'missing', fallback: asExpired(entry, now, verdict) } : MISSING
}

/** The entry as it stands: one whose tag was expired is in grace, or over. */
export function asItStands(
  engine: Engine,
  space: Space,
  key: CacheKey,
  entry: MemoryEntry,
): MemoryEntry | undefined {
  const verdict = judge(engine, space, key, entry)
  if (verdict === 'stands') return entry
  if (verdict !== 'expired') return undefined
  const now = engine.clock.monotonic()
  const expired = expiredEntry(entry, now)
  return now < expired.graceUntil ? expired : undefined
}

/** Whether nothing that is known here concerns the entry: neither a removal, nor an end of its freshness. */
export function staysAsItIs(
  engine: Engine,
  space: Space,
  key: CacheKey,
  entry: MemoryEntry,
): boolean {
  return judge(engine, space, key, entry) === 'stands'
}

/** Whether nothing that is known here makes the entry unservable; its freshness aside. */
export function copyStands(
  engine: Engine,
  space: Space,
  key: CacheKey,
  entry: MemoryEntry,
): boolean {
  const verdict = judge(engine, space, key, entry)
  return verdict === 'stands' || verdict === 'expired'
}

function judge(engine: Engine, space: Space, key: CacheKey, entry: MemoryEntry): Verdict {
  const here = engine.order.judge(entry.stamp, entry.tags)
  if (here === 'gone' || engine.shared === undefined || entry.shared === undefined) return here
  const verdict = engine.shared.coherence.judgeCopy(space.sharedKey(key), entry.shared, entry.tags)
  return verdict === 'stands' ? here : verdict
}

/** Changes of others may have passed unheard for longer than is allowed (CO-7). */
function readBlind(engine: Engine, space: Space, key: CacheKey, entry: MemoryEntry): LocalFinding {
  switch (engine.whenBlind) {
    case 'bypass':
      return MISSING
    case 'flush':
      space.memory?.remove(key, 'invalidated')
      return MISSING
    case 'serve-stale': {
      const now = engine.clock.monotonic()
      // Told as what it may be.
      return now < entry.servedUntil ? served(space, asExpired(entry, now, 'expired')) : MISSING
    }
    default:
      return engine.whenBlind satisfies never
  }
}

/** Of a tag that was expired: past its freshness, whatever its own times say. */
function asExpired(entry: MemoryEntry, now: number, verdict: Verdict): MemoryEntry {
  return verdict === 'expired' ? { ...entry, freshUntil: Math.min(entry.freshUntil, now) } : entry
}

function served(space: Space, entry: MemoryEntry): LocalFinding {
  const value = space.declaredMemory?.handOut(entry.value) ?? entry.value
  return { kind: 'served', entry: { ...entry, value } }
}
