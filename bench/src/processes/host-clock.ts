/** A clock that all processes of this machine share: what one notes, another can compare. */

/** Milliseconds with fractions, from an arbitrary moment in the past. */
export function hostNow(): number {
  // A double holds the nanoseconds of the first hundred days after a start exactly.
  return Number(process.hrtime.bigint()) / 1e6
}
