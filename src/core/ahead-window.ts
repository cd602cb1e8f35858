/**
 * When an entry that is still fresh is to be loaded anew (P6, S2): after a share of its life, or by
 * chance, the sooner the longer its load takes. Whichever comes first.
 */

import type { MemoryEntry } from '../contracts/memory-tier.ts'

export interface RefreshAheadPlan {
  /** Share of the life after which a hit reloads; 1: never by this. */
  readonly after: number
  /** Of the formula; 0: never by it. */
  readonly beta: number
}

/** A longer lead would load for chances that hardly any reader takes. */
const MOST_LEAD = 0.5
/** Chances of e^-20 and less are none. */
const MOST_LOADS_AHEAD = 20

type Aging = Pick<MemoryEntry, 'freshUntil' | 'ttlMs' | 'loadMs'>

/** From then on each read is to ask `isDueAhead`. `Infinity`: never. */
export function aheadFrom(entry: Aging, plan: RefreshAheadPlan | undefined): number {
  const { freshUntil, ttlMs } = entry
  if (plan === undefined || ttlMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  return Math.min(byShare(entry, plan), byChance(entry, plan), freshUntil)
}

/** The same for the entry with another end of its life. */
export function aheadOf(
  { aheadFrom: from, freshUntil: before }: Pick<MemoryEntry, 'aheadFrom' | 'freshUntil'>,
  freshUntil: number,
): number {
  return from === Number.POSITIVE_INFINITY ? from : from + (freshUntil - before)
}

/**
 * `chance`: from 0 up to 1, without 1. The formula is XFetch's: with the time of the last load d, now
 * - d * beta * ln(chance) >= expiry (Vattani, Chierichetti, Lowenstein, VLDB 2015).
 */
export function isDueAhead(
  entry: Aging,
  plan: RefreshAheadPlan,
  { now, chance }: { readonly now: number; readonly chance: number },
): boolean {
  if (plan.after < 1 && now >= byShare(entry, plan)) return true
  if (now < byChance(entry, plan)) return false
  return now - leadMs(entry, plan) * Math.log(1 - chance) >= entry.freshUntil
}

function byShare({ freshUntil, ttlMs }: Aging, { after }: RefreshAheadPlan): number {
  return freshUntil - ttlMs * (1 - after)
}

function byChance(entry: Aging, plan: RefreshAheadPlan): number {
  const { freshUntil, ttlMs } = entry
  return freshUntil - Math.min(ttlMs * MOST_LEAD, leadMs(entry, plan) * MOST_LOADS_AHEAD)
}

function leadMs({ loadMs = 0 }: Aging, { beta }: RefreshAheadPlan): number {
  return loadMs * beta
}
