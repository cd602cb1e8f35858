/** Nanoseconds an operation, in the unit of a row. Called by the suites. */

import type { Series } from './contestant.ts'

const nsOf = { us: 1e3, ms: 1e6 }

/** `1/s`: operations in a second. */
export function converted(series: readonly Series[], unit: 'us' | 'ms' | '1/s'): readonly Series[] {
  const convert = (ns: number): number => (unit === '1/s' ? 1e9 / ns : ns / nsOf[unit])
  return series.map((each) => ({ ...each, samples: each.samples.map(convert) }))
}
