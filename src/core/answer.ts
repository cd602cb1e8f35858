/** What a read comes to inside the engine, before it is handed out in the form that was asked for. */

import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { Reading, TierName } from '../contracts/reading.ts'

export type Answer =
  | {
      readonly found: true
      readonly value: unknown
      readonly tier: TierName
      /** On the process's monotonic clock. */
      readonly createdAt: number
      readonly stale: boolean
      /** What the shared tier has, which may be near its end. */
      readonly entry?: MemoryEntry
    }
  | {
      readonly found: false
      readonly tier: TierName
      /** A tier has it that there is nothing: that is an answer, and no miss. */
      readonly absent?: true
    }

/** The answer that an entry gives at `now`. */
export function answerFrom(entry: MemoryEntry, tier: TierName, now: number): Answer {
  if (entry.absent) return { found: false, tier, absent: true }
  return {
    found: true,
    value: entry.value,
    tier,
    createdAt: entry.createdAt,
    stale: now >= entry.freshUntil,
  }
}

export function readingFrom<V>(answer: Answer, now: number): Reading<V> {
  if (!answer.found) return { found: false, tier: answer.tier }
  const { value, tier, createdAt, stale } = answer
  return { found: true, value: value as V, tier, ageMs: Math.max(0, now - createdAt), stale }
}
