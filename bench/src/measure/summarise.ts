/** What many samples of one thing come to. Called wherever a row or a picture is made. */

export interface Summary {
  readonly median: number
  /** The quartiles: half of the samples lie between them. */
  readonly low: number
  readonly high: number
}

/** The median and the quartiles of `samples`, between neighbours where none is at the place. */
export function summarise(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError('There are no samples to summarise.')
  const ascending = samples.toSorted((a, b) => a - b)
  return {
    median: at(ascending, 0.5),
    low: at(ascending, 0.25),
    high: at(ascending, 0.75),
  }
}

function at(ascending: readonly number[], share: number): number {
  const place = (ascending.length - 1) * share
  const below = ascending[Math.floor(place)] ?? Number.NaN
  const above = ascending[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}
