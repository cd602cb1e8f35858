/** Which of the two texts is meant by an `Accept` header (RFC 9110, section 12.5.1). */

import type { TextFormat } from './write-text.ts'

export const CONTENT_TYPES: Readonly<Record<TextFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** Nobody who means it names more. */
const MOST_RANGES = 32

/**
 * OpenMetrics only where it is named, and is wanted no less than the other; a header that asks for
 * neither gets what every reader of metrics knows.
 */
export function negotiateFormat(accept: string | null | undefined): TextFormat {
  let [openMetrics, text] = [0, 0]
  for (const range of (accept ?? '').split(',', MOST_RANGES)) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const weight = weightOf(parameters)
    if (type === 'application/openmetrics-text' && isKnown(parameters)) {
      openMetrics = Math.max(openMetrics, weight)
    } else if (type === 'text/plain') {
      text = Math.max(text, weight)
    }
  }
  return openMetrics > 0 && openMetrics >= text ? 'openmetrics' : 'text'
}

function weightOf(parameters: readonly string[]): number {
  const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1)
  return weight >= 0 && weight <= 1 ? weight : 0
}

function isKnown(parameters: readonly string[]): boolean {
  const version = parameters.find((one) => one.startsWith('version='))?.slice(8)
  return version === undefined || version === '1.0.0' || version === '0.0.1'
}
