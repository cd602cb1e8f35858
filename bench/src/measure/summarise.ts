/** What many samples of one thing come to. Called wherever a row or a picture is made. */

import { quantile } from './quantile.ts'

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
    median: quantile(ascending, 0.5),
    low: quantile(ascending, 0.25),
    high: quantile(ascending, 0.75),
  }
}
