import type { MemoryEntry } from '../contracts/memory-tier.ts'

/** The entry as it is when its freshness ends now: in grace for as long as was granted, if it was. */
export function expiredEntry(entry: MemoryEntry, now: number): MemoryEntry {
  const freshUntil = Math.min(entry.freshUntil, now)
  const graceUntil = Math.min(entry.graceUntil, freshUntil + entry.graceMs)
  return { ...entry, freshUntil, servedUntil: Math.min(entry.servedUntil, now), graceUntil }
}
