/** What an invalidation is to concern, as it was asked for. */

import type { Cache } from '../contracts/cache.ts'
import type { CacheKey } from '../contracts/source.ts'
import { AdminProblem } from './admin-problem.ts'
import type { AnyCollection } from './find-collection.ts'
import { findCollection, findKeys } from './find-collection.ts'
import { type AskedKey, keysMeant } from './key-text.ts'

export interface InvalidationBody {
  readonly collection?: string
  readonly keys?: readonly (string | AskedKey)[]
  readonly tags?: readonly string[]
  readonly match?: 'any' | 'all'
  readonly pattern?: string
  readonly everything?: true
  readonly dryRun?: boolean
}

type Keys = Cache | AnyCollection

export type InvalidationOrder =
  /** Each key with what it may mean. */
  | { readonly kind: 'keys'; readonly keys: Keys; readonly asked: readonly AskedKey[] }
  | { readonly kind: 'tags'; readonly tags: readonly string[]; readonly match: 'any' | 'all' }
  | { readonly kind: 'pattern'; readonly keys: Keys; readonly pattern: string }
  | { readonly kind: 'collection'; readonly keys: AnyCollection }
  | { readonly kind: 'everything' }

const KINDS = ['keys', 'tags', 'pattern', 'everything'] as const

/** @throws AdminProblem */
export function invalidationOrder(cache: Cache, body: InvalidationBody): InvalidationOrder {
  const { collection, keys, tags, match, pattern, everything } = body
  const named = KINDS.filter((kind) => body[kind] !== undefined)
  if (named.length !== 1) {
    throw refuse('body', 'an object with one of `keys`, `tags`, `pattern` and `everything`')
  }
  if (match !== undefined && tags === undefined) throw refuse('match', 'absent without `tags`')
  if (tags !== undefined) {
    if (collection === undefined) return { kind: 'tags', tags, match: match ?? 'any' }
    throw refuse('collection', 'absent beside `tags`, which belong to the whole cache')
  }
  if (everything !== undefined) {
    if (collection === undefined) return { kind: 'everything' }
    return { kind: 'collection', keys: findCollection(cache, collection) }
  }
  const found = findKeys(cache, collection)
  if (pattern !== undefined) return { kind: 'pattern', keys: found, pattern }
  const asked = (keys ?? []).map((one) => (typeof one === 'string' ? { key: one } : one))
  for (const one of asked) keysMeant(one)
  return { kind: 'keys', keys: found, asked }
}

/**
 * The keys that are meant: of a text that may be a number too, the one that has an entry, or both where
 * neither has, since one of them may just be loaded.
 */
export async function keysToInvalidate(
  keys: Keys,
  asked: readonly AskedKey[],
): Promise<readonly CacheKey[]> {
  const collection = keys as AnyCollection
  const isPlain = keys.describe().name === ''
  const meant = await Promise.all(
    asked.map(async (one) => {
      const [first, second] = keysMeant(one)
      if (isPlain || second === undefined) return first === undefined ? [] : [first]
      if (first !== undefined && (await collection.inspect(first)) !== undefined) return [first]
      if ((await collection.inspect(second)) !== undefined) return [second]
      return first === undefined ? [second] : [first, second]
    }),
  )
  return [...new Set(meant.flat())].map((key) => (isPlain ? String(key) : key))
}

function refuse(field: string, expected: string): AdminProblem {
  return new AdminProblem('bad-request', `Expected \`${field}\` to be ${expected}.`, { field })
}
