/** A place in sorted samples. Called wherever many samples become one figure. */

/** What `share` of the samples lie below: between neighbours where none is at the place. */
export function quantile(ascending: readonly number[], share: number): number {
  const place = (ascending.length - 1) * share
  const below = ascending[Math.floor(place)] ?? Number.NaN
  const above = ascending[Math.ceil(place)] ?? Number.NaN
  // Not `below + 0 * (above - below)`, which is no number where both are infinite.
  return above === below ? below : below + (above - below) * (place - Math.floor(place))
}
