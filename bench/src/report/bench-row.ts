/** One line of a benchmark's result, as programs read it. */

import type { Measurement, Role, Series } from '../measure/contestant.ts'
import { type Summary, summarise } from '../measure/summarise.ts'

/** The shape of a row in the JSON file; other programs rely on it. Numbers are medians. */
export interface BenchRow {
  readonly suite: string
  readonly case: string
  readonly unit: string
  readonly better: 'lower' | 'higher'
  readonly ours: number
  /** The raw operation, measured in the same run. */
  readonly limit: number
  readonly peers: Readonly<Record<string, number>>
  readonly ratioToLimit: number
  readonly ratioToBestPeer: number
}

/** A row with the spread that people are shown and programs are not. */
export interface SpreadRow {
  readonly row: BenchRow
  /** Half the distance of the quartiles, as a share of the median: of ours, and of the limit. */
  readonly spread: { readonly ours: number; readonly limit: number }
}

/** @throws Error if ours, the limit or every peer is missing. */
export function benchRow(measurement: Measurement): SpreadRow {
  const ours = summarise(only(measurement, 'ours').samples)
  const limit = summarise(only(measurement, 'limit').samples)
  const peers = Object.fromEntries(
    measurement.series
      .filter(({ role }) => role === 'peer')
      .map(({ name, samples }) => [name, rounded(summarise(samples).median)]),
  )
  const best = (measurement.better === 'lower' ? Math.min : Math.max)(...Object.values(peers))
  if (!Number.isFinite(best)) throw new Error(`\`${measurement.case}\` has no peer.`)
  const { suite, unit, better } = measurement
  return {
    row: {
      suite,
      case: measurement.case,
      unit,
      better,
      ours: rounded(ours.median),
      limit: rounded(limit.median),
      peers,
      ratioToLimit: ratio(rounded(ours.median), rounded(limit.median)),
      ratioToBestPeer: ratio(rounded(ours.median), best),
    },
    spread: { ours: relative(ours), limit: relative(limit) },
  }
}

function only(measurement: Measurement, role: Role): Series {
  const found = measurement.series.find((series) => series.role === role)
  if (found === undefined) throw new Error(`\`${measurement.case}\` has no series for ${role}.`)
  return found
}

function relative({ median, low, high }: Summary): number {
  return median === 0 ? 0 : (high - low) / 2 / median
}

/** Two that are both nothing, such as no stale key here and none there, are alike. */
function ratio(ours: number, other: number): number {
  return ours === other ? 1 : rounded(ours / other)
}

/** Four digits: more would claim a precision that no benchmark has. */
function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
