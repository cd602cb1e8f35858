/**
 * Lives that reads renew. A renewal is a write, so it happens at most once in a tenth of the life:
 * an entry that is read a thousand times a second is renewed ten times a life.
 */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { aheadOf } from './ahead-window.ts'
import type { Engine } from './engine.ts'
import type { Space } from './space.ts'

const SHARE_BETWEEN_RENEWALS = 0.1

/** Renews the entry that was read: the copy here, if it is one, and without waiting the shared one. */
export function renewSliding(
  engine: Engine,
  space: Space,
  key: CacheKey,
  { entry, copied }: { readonly entry: MemoryEntry; readonly copied: boolean },
): void {
  if (entry.renewal !== 'sliding' || entry.absent) return
  // What was loaded blind ends when it was to end.
  if (entry.shared?.blind === true) return
  const now = engine.clock.monotonic()
  const renewedAt = entry.freshUntil - entry.ttlMs
  if (now - renewedAt < entry.ttlMs * SHARE_BETWEEN_RENEWALS) return
  const freshUntil = Math.min(now + entry.ttlMs, entry.renewableUntil)
  if (freshUntil <= entry.freshUntil) return
  // The end of service in this process is left where it was: no renewal stretches the hard age of
  // a copy, after which it must have been looked up again.
  const aged = engine.shared !== undefined || entry.servedUntil < entry.freshUntil
  const servedUntil = aged ? entry.servedUntil : freshUntil
  const graceUntil = freshUntil + entry.graceMs
  const aheadFrom = aheadOf(entry, freshUntil)
  if (copied) space.memory?.store(key, { ...entry, freshUntil, aheadFrom, servedUntil, graceUntil })
  if (engine.shared === undefined || entry.shared === undefined) return
  const request = {
    ...space.sharedKey(key),
    ...entry.shared,
    ttlMs: freshUntil - now,
    graceMs: entry.graceMs,
  }
  engine.background.run('renew', engine.shared.access.touch(request))
}
