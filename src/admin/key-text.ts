/** Keys as they travel: as text, with their type. */

import type { CacheKey } from '../contracts/source.ts'
import { MAX_KEY_LENGTH } from '../keys/key-encoding.ts'
import { AdminProblem } from './admin-problem.ts'
import { asked, type Schema } from './schema.ts'

export type KeyType = 'string' | 'number' | 'bigint'

export interface KeyText {
  readonly key: string
  readonly keyType: KeyType
}

/** As it may be asked for; without a type it is text, or a number that is written like this. */
export interface AskedKey {
  readonly key: string
  readonly keyType?: KeyType
}

const key: Schema = { type: 'string', minLength: 0, maxLength: MAX_KEY_LENGTH }
const keyType: Schema = {
  type: 'string',
  enum: ['string', 'number', 'bigint'],
  description: 'Without it: text, and where there is none such, a number that is written like it',
}

export const keySchemas: { readonly key: Schema; readonly keyType: Schema } = { key, keyType }

export const askedKeys: Schema = {
  type: 'array',
  minItems: 1,
  maxItems: 1000,
  description: 'Texts, or keys with their types',
  items: { anyOf: [key, asked({ key, keyType }, ['key'])] },
}

export function keyAsText(one: CacheKey): KeyText {
  return { key: String(one), keyType: typeof one as KeyType }
}

/**
 * What may be meant: the first that exists.
 *
 * @throws AdminProblem for a text that is none of its type.
 */
export function keysMeant({ key: text, keyType: type }: AskedKey): readonly CacheKey[] {
  if (type === 'string') return [text]
  if (type === 'bigint') {
    if (/^-?\d{1,400}$/.test(text)) return [BigInt(text)]
    throw refuse('a whole number')
  }
  const asNumber = Number(text)
  // `1e3` and ` 1` are texts: only what a number is written like is one.
  const isNumber = Number.isFinite(asNumber) && String(asNumber) === text
  if (type === undefined) return isNumber ? [text, asNumber] : [text]
  if (isNumber) return [asNumber]
  throw refuse('a number as JavaScript writes it')
}

function refuse(expected: string): AdminProblem {
  return new AdminProblem('bad-request', `Expected \`key\` to be ${expected}.`, { field: 'key' })
}
