/** Keys as they stand in documents. */

import type { CacheKey } from '../contracts/source.ts'

/** Of the option `toKey`. */
export type ToKey = (key: CacheKey) => unknown

/** `undefined`: no document can have it. */
export function documentKeyOf(key: CacheKey, toKey: ToKey | undefined): unknown {
  const found = toKey === undefined ? key : toKey(key)
  // The driver would write another character in place of half a pair, and two keys would meet.
  return typeof found === 'string' && !found.isWellFormed() ? undefined : found
}

const NUMBERS = ['Long', 'Int32', 'Double']

/**
 * One text for what MongoDB takes for one key: numbers are one whatever their type, and differ from
 * text. Depending on its options the driver reads a number as `number`, as `bigint`, or as an object.
 */
export function textOfDocumentKey(key: unknown): string {
  if (typeof key === 'string') return `text ${key}`
  if (typeof key === 'number' || typeof key === 'bigint') return `number ${key}`
  const { _bsontype: type } = (key ?? {}) as { readonly _bsontype?: unknown }
  return `${NUMBERS.includes(String(type)) ? 'number' : String(type)} ${String(key)}`
}
