/**
 * Keys as they are typed: text, unless their type is named, since `42`, `'42'` and `42n` are three keys
 * of a cache. Nothing is guessed that could name another entry than the one that was meant.
 */

import type { CacheKey } from '../index.ts'
import type { CommandOption, GivenOptions } from './command.ts'
import { UsageError } from './exit-code.ts'

export type KeyType = 'string' | 'number' | 'bigint'

export const KEY_TYPE_OPTION: CommandOption = {
  name: 'key-type',
  value: '<type>',
  words: ['string', 'number', 'bigint'],
  summary: 'what the keys are (default: string)',
}

/** A key as it travels: text, and what it is. */
export interface TypedKey {
  readonly key: string
  readonly keyType: KeyType
}

export function keyTypeOf(given: GivenOptions): KeyType {
  return (given.text('key-type') ?? 'string') as KeyType
}

/** @throws UsageError for text that is no key of that type, or another one than it looks like. */
export function parseKey(text: string, type: KeyType): CacheKey {
  if (type === 'string') return text
  if (type === 'bigint') {
    if (/^(0|-?[1-9]\d*)$/.test(text)) return BigInt(text)
    throw new UsageError(`'${text}' is no bigint as it is written, like -12`)
  }
  const number = Number(text)
  // 007, 1e3 or 9007199254740993 would be read as another number than the one that stands there.
  if (Number.isFinite(number) && String(number) === text) return number
  throw new UsageError(`'${text}' is no number as it is written, like 42 or 0.5`)
}

export function typedKey(key: CacheKey): TypedKey {
  return { key: String(key), keyType: typeof key as KeyType }
}

/** As a person reads it: only text stands in quotes. */
export function shownKey({ key, keyType }: TypedKey): string {
  if (keyType === 'string') return JSON.stringify(key)
  return keyType === 'bigint' ? `${key}n` : key
}
