import type { SharedEntry } from '../contracts/shared-tier.ts'
import { readEntry } from './read-entry.ts'

/** What a script has judged: its bytes, and whether its fresh life is over, whatever its times say. */
export interface JudgedBytes {
  readonly bytes: Uint8Array | undefined
  readonly expired: boolean
}

/** An entry that a script lets be served, as it is to be taken. */
export function judgedEntry(
  { bytes, expired }: JudgedBytes,
  serverNow: number,
): SharedEntry | undefined {
  const stored = bytes === undefined ? undefined : readEntry(bytes)
  if (stored?.kind !== 'value') return undefined
  if (!expired) return stored.entry
  return { ...stored.entry, freshUntil: Math.min(stored.entry.freshUntil, serverNow) }
}
