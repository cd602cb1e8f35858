import { jsonText } from './json-text.ts'

export interface ValueText {
  /** As JSON; of a value that JSON cannot say, its kind in brackets. */
  readonly json: string
  readonly truncated: boolean
}

/** More than a person reads. */
const LENGTH_AT_MOST = 65_536

export function valueAsText(value: unknown): ValueText {
  const json = textOf(value)
  return { json: json.slice(0, LENGTH_AT_MOST), truncated: json.length > LENGTH_AT_MOST }
}

function textOf(value: unknown): string {
  if (value instanceof Map) return textOf([...value])
  if (value instanceof Set) return textOf([...value])
  try {
    return jsonText(value) ?? `[${typeof value}]`
  } catch {
    // It refers to itself, or a `toJSON` of its own fails.
    return `[${typeof value}]`
  }
}
