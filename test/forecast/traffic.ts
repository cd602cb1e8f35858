/** What the generators of traffic give, and what the player of `play-traffic.ts` takes. */

/** An hour is told in so many parts of equal length; inside of a part the order is by chance. */
export const PARTS_AN_HOUR = 6

/** The reads of one hour, as numbers of keys. */
export interface TrafficHour {
  /** From 0 on, one after the other. Hour 0 is the first hour of a Monday, day 1. */
  readonly hour: number
  /** `PARTS_AN_HOUR` of them. */
  readonly parts: readonly Uint32Array[]
}
