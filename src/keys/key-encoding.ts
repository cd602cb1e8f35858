/**
 * Keys as text for the shared tier: no two keys of a cache have the same text.
 *
 * `<collection>:<type><length>:<key>`, where the type is `s`, `n` or `b`. A collection's name has no
 * colon, so the first one ends it; the type keeps `1`, `'1'` and `1n` apart.
 */

import { ArgumentError } from '../contracts/errors.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'

/** Longer keys are most often whole URLs or documents put in by mistake. */
export const MAX_KEY_LENGTH = 8192

/** @throws ArgumentError naming `key`, if it cannot be one. */
export function encodeKey(collection: string, key: CacheKey): SharedKey {
  return { id: `${collection}:${typed(key)}`, collection }
}

function typed(key: CacheKey): string {
  switch (typeof key) {
    case 'string':
      return `s${key.length}:${checkText(key)}`
    case 'number': {
      if (Number.isFinite(key)) {
        const text = String(key)
        return `n${text.length}:${text}`
      }
      throw refuse(key)
    }
    case 'bigint': {
      const text = String(key)
      return `b${text.length}:${text}`
    }
    default:
      throw refuse(key)
  }
}

/** @throws ArgumentError naming `key`. */
export function checkKey(key: CacheKey): void {
  if (typeof key === 'string') checkText(key)
  else if (typeof key !== 'bigint' && !Number.isFinite(key)) throw refuse(key)
}

function checkText(key: string): string {
  // A lone surrogate has no UTF-8 of its own: two keys would share one entry.
  if (key.length > MAX_KEY_LENGTH || !key.isWellFormed()) throw refuse(key)
  return key
}

function refuse(key: unknown): ArgumentError {
  return new ArgumentError({
    field: 'key',
    expected: `well-formed text of at most ${MAX_KEY_LENGTH} characters, a finite number or a bigint`,
    actual: key,
    ...(typeof key === 'string' ? { cure: 'Hash what is longer.' } : {}),
  })
}

/** The key of a stored text; `undefined` if `encodeKey` cannot have made it. */
export function decodeKey(collection: string, id: string): CacheKey | undefined {
  const start = collection.length + 1
  const colon = id.indexOf(':', start)
  if (colon < 0 || !id.startsWith(`${collection}:`)) return undefined
  const text = id.slice(colon + 1)
  if (id.slice(start + 1, colon) !== String(text.length)) return undefined
  const type = id[start]
  if (type === 's') return text
  if (type === 'n') return decodeNumber(text)
  // As it is written: `007` and `-0` are nobody's.
  return type === 'b' && /^(0|-?[1-9]\d*)$/.test(text) ? BigInt(text) : undefined
}

function decodeNumber(text: string): number | undefined {
  const number = Number(text)
  return String(number) === text ? number : undefined
}
