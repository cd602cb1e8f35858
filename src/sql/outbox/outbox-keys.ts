/** Keys of rows, which an outbox keeps as text, as the keys of a collection that they stand for. */

import { ConfigError } from '../../contracts/errors.ts'
import type { CacheKey } from '../../contracts/source.ts'
import type { OutboxRow } from './outbox-reader.ts'

/**
 * What keys of a collection are: `any` stands for each kind that the text may be, which costs up to
 * three invalidations a change. A function gives the key of a text, or several.
 */
export type OutboxKeys =
  | 'string'
  | 'number'
  | 'bigint'
  | 'any'
  | ((text: string) => CacheKey | readonly CacheKey[])

/** What rows come to. */
export interface CollectionChange {
  readonly collection: string
  /** Each once; `undefined`: all of the collection. */
  readonly keys: readonly CacheKey[] | undefined
}

const KINDS = ['string', 'number', 'bigint', 'any']
const COLLECTION = /^[A-Za-z0-9._-]{1,64}$/

/** @throws ConfigError naming `collections`. */
export function checkCollections(collections: Readonly<Record<string, OutboxKeys>>): void {
  const isObject = typeof collections === 'object' && collections !== null
  if (!isObject || Object.keys(collections).length === 0) {
    throw new ConfigError({
      field: 'collections',
      expected:
        "an object of at least one collection and the kind of its keys, like { product: 'number' }",
      actual: collections,
    })
  }
  for (const [name, kind] of Object.entries(collections)) {
    const field = `collections.${name}`
    if (!COLLECTION.test(name)) {
      throw new ConfigError({ field, expected: 'the name of a collection', actual: name })
    }
    if (typeof kind === 'function' || KINDS.includes(kind)) continue
    const expected = `${KINDS.map((word) => `'${word}'`).join(', ')} or a function`
    throw new ConfigError({ field, expected, actual: kind })
  }
}

/** By collection. A text that is no key of its kind stands for all: something has changed. */
export function changesOf(
  rows: readonly OutboxRow[],
  collections: Readonly<Record<string, OutboxKeys>>,
): readonly CollectionChange[] {
  const found = new Map<string, Set<CacheKey> | 'all'>()
  for (const { collection, key } of rows) {
    const kind = Object.hasOwn(collections, collection) ? collections[collection] : undefined
    if (kind === undefined) continue
    const keys = found.get(collection) ?? new Set()
    if (keys === 'all') continue
    const named = key === undefined ? undefined : keysOf(key, kind)
    if (named === undefined) {
      found.set(collection, 'all')
      continue
    }
    for (const one of named) keys.add(one)
    found.set(collection, keys)
  }
  return [...found].map(([collection, keys]) => ({
    collection,
    keys: keys === 'all' ? undefined : [...keys],
  }))
}

/** `undefined`: it cannot be one. */
function keysOf(text: string, kind: OutboxKeys): readonly CacheKey[] | undefined {
  if (typeof kind === 'function') return keysBy(kind, text)
  const number = numberOf(text)
  const bigint = bigintOf(text)
  switch (kind) {
    case 'string':
      return [text]
    case 'number':
      return number === undefined ? undefined : [number]
    case 'bigint':
      return bigint === undefined ? undefined : [bigint]
    case 'any':
      return [text, number, bigint].filter((key) => key !== undefined)
    default:
      return kind satisfies never
  }
}

function keysBy(
  kind: Extract<OutboxKeys, (text: string) => unknown>,
  text: string,
): readonly CacheKey[] | undefined {
  try {
    const keys = kind(text)
    return typeof keys === 'object' ? keys : [keys]
  } catch {
    return undefined
  }
}

function numberOf(text: string): number | undefined {
  const number = Number(text)
  return text.trim() !== '' && Number.isFinite(number) ? number : undefined
}

function bigintOf(text: string): bigint | undefined {
  return /^-?\d+$/.test(text) ? BigInt(text) : undefined
}
