/**
 * Names by the conventions of Prometheus: what is measured, then the unit, then `_total` of a counter.
 * As OpenTelemetry's own translation has them, so that a dashboard fits both ways.
 */

import type { Measured, MeasuredHistogram } from '../figures/index.ts'

type Named = Pick<Measured | MeasuredHistogram, 'name' | 'unit' | 'kind'>

/** The family's name, without `_total`. */
export function familyName({ name, unit, kind }: Named): string {
  const base = `tiercel_${name.replaceAll('.', '_')}`
  const suffix = unitName({ unit, kind })
  return suffix === '' ? base : `${base}_${suffix}`
}

/** The name under which samples of numbers stand. */
export function metricName(named: Named): string {
  return named.kind === 'counter' ? `${familyName(named)}_total` : familyName(named)
}

export function unitName({ unit, kind }: Pick<Named, 'unit' | 'kind'>): string {
  switch (unit) {
    case 's':
      return 'seconds'
    case 'By':
      return 'bytes'
    case '1':
      return kind === 'gauge' ? 'ratio' : ''
    default:
      return unit.endsWith('/s') ? 'per_second' : ''
  }
}
