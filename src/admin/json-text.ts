/** JSON of what the cache tells: bigints as text, what is not known or has no end as `null`. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, plain)
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
