import type { CacheKey } from '../contracts/source.ts'

/**
 * Keys as the JSON array that `json_each` reads, so that any number of them is one parameter.
 *
 * A key that no row can have stands as null, which equals nothing, and keeps the others' places.
 */
export function keysAsJson(keys: readonly CacheKey[]): string {
  return `[${keys.map(keyAsJson).join(',')}]`
}

function keyAsJson(key: CacheKey): string {
  if (typeof key === 'bigint') return String(key)
  // SQLite reads half of a surrogate pair as something else, and would find another key's row.
  if (typeof key === 'string' && !key.isWellFormed()) return 'null'
  return JSON.stringify(key)
}
