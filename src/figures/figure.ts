/**
 * What a figure is: a number of a snapshot with a name, a unit and labels, before anybody has written
 * it in the words of Prometheus or OpenTelemetry.
 */

import type { LatencyHistogram, MetricsSnapshot, PatternMetrics } from '../contracts/metrics.ts'

export type Labels = Readonly<Record<string, string>>

export interface Point<T = number> {
  readonly labels: Labels
  readonly value: T
}

/** Units by UCUM, as OpenTelemetry has them; in braces what is counted. */
export type Unit = 's' | 'By' | '1' | `{${string}}` | `{${string}}/s`

interface Described {
  /** With dots between its parts; each exporter makes its own name of it. */
  readonly name: string
  readonly unit: Unit
  readonly help: string
}

/** `counter` only grows while the cache lives; `gauge` is what it is now. */
export interface NumberFigure extends Described {
  readonly kind: 'counter' | 'gauge'
  readonly points: (snapshot: MetricsSnapshot) => readonly Point<number | null>[]
}

/** `null` stands for "not known", and makes no point. */
export interface PatternFigure extends Described {
  readonly kind: 'counter' | 'gauge'
  readonly of: (pattern: PatternMetrics) => readonly Point<number | null>[]
}

export interface Measured extends Described {
  readonly kind: 'counter' | 'gauge'
  readonly points: readonly Point[]
}

/** What took how long. Its limits are `LATENCY_LIMITS`. */
export interface MeasuredHistogram extends Described {
  readonly kind: 'histogram'
  readonly points: readonly Point<Pick<LatencyHistogram, 'count' | 'sumMs' | 'buckets'>>[]
}

/** Upper ends of the buckets but the last, in seconds. */
export const LATENCY_LIMITS: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1]

export const point = <T extends number | null>(value: T, labels: Labels = {}): Point<T> => ({
  labels,
  value,
})

export const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000)

/** One point for each member of `counts`, named by the label `by`. */
export function pointsOf(
  counts: Readonly<Record<string, number>>,
  by: string,
  labels: Labels = {},
): Point[] {
  return Object.entries(counts).map(([member, value]) => point(value, { ...labels, [by]: member }))
}
