/**
 * Names of attributes: those of OpenTelemetry's semantic conventions where there is one that fits, and
 * `tiercel.` for the rest. There are no conventions for caches yet.
 */

import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api'

export const ATTRIBUTES = {
  cache: 'tiercel.cache',
  instance: 'service.instance.id',
  pattern: 'tiercel.pattern',
  tier: 'tiercel.tier',
  outcome: 'tiercel.outcome',
  reason: 'tiercel.reason',
  kind: 'tiercel.kind',
  stale: 'tiercel.stale',
  found: 'tiercel.found',
  operation: 'db.operation.name',
  count: 'db.operation.batch.size',
  error: 'error.type',
} as const

const MOST_ERROR_NAME = 64

/**
 * The kind of an error alone: texts of foreign errors hold keys and values, and `recordException`
 * would send them.
 */
export function failSpan(span: Span, error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error
  span.setAttribute(ATTRIBUTES.error, name.slice(0, MOST_ERROR_NAME))
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** Of a point of a figure: its labels under their names here. */
export function attributesOf(labels: Readonly<Record<string, string>>): Attributes {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [
      label === 'instance' ? ATTRIBUTES.instance : `tiercel.${label}`,
      value,
    ]),
  )
}
