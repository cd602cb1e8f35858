/**
 * What another program has changed at the source, made unservable here and in the shared tier.
 *
 * It comes from a message bus or from an outbox table, most often as parsed JSON: every field is
 * checked before anything is invalidated. Repeats are harmless.
 */

import type { ExternalChange } from '../contracts/external-change.ts'
import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { ExternalChangeReceipt, InvalidationReceipt } from '../contracts/receipts.ts'
import type { CacheKey } from '../contracts/source.ts'
import { checkKey } from '../keys/key-encoding.ts'
import type { Engine } from './engine.ts'
import { checkTags, refuseArgument } from './field-check.ts'
import { clearAll, clearSpace, deleteKeys, removeTags } from './removals.ts'
import { SHARED_BATCH } from './shared-access.ts'
import type { Space } from './space.ts'

const FIELDS = ['collection', 'key', 'keys', 'tags', 'all'] as const
const KINDS = ['key', 'keys', 'tags', 'all'] as const

type Known = Readonly<Partial<Record<(typeof FIELDS)[number], unknown>>>

/** @throws ArgumentError naming the field; nothing was invalidated then. */
export async function applyExternalChange(
  engine: Engine,
  memory: MemoryTier | undefined,
  change: ExternalChange,
): Promise<ExternalChangeReceipt> {
  const checked = checkShape(change)
  const space = spaceOf(engine, checked)
  if (checked.tags !== undefined) return await invalidateTags(engine, memory, checked)
  if (checked.all !== undefined) {
    if (checked.all !== true) throw refuse('all', '`true`', checked.all)
    if (checked.collection === undefined) {
      const receipt = await clearAll(engine, engine.spaces.values(), 'external')
      return { ...receipt, kind: 'clear', count: 1 }
    }
    return { ...(await clearSpace(engine, space, 'external')), kind: 'collection', count: 1 }
  }
  return await invalidateKeys(engine, space, keysOf(checked))
}

async function invalidateTags(
  engine: Engine,
  memory: MemoryTier | undefined,
  { tags: given, collection }: Known,
): Promise<ExternalChangeReceipt> {
  if (collection !== undefined) {
    throw refuse('collection', 'absent beside `tags`, which belong to the whole cache', collection)
  }
  const check = { field: 'tags', refuse: refuseArgument, most: SHARED_BATCH }
  const tags = checkTags(given as readonly string[], check)
  if (tags.length === 0) throw refuse('tags', 'at least one tag', given)
  const removal = { tags, match: 'any', mode: 'delete' } as const
  const receipt = await removeTags(engine, memory, removal, 'external')
  return { ...receipt, kind: 'tags', count: tags.length }
}

async function invalidateKeys(
  engine: Engine,
  space: Space,
  keys: readonly CacheKey[],
): Promise<ExternalChangeReceipt> {
  const distinct = new Set(keys)
  const report = await deleteKeys(engine, space, distinct, 'external')
  // All were checked, so what is left is what the user's own `shardBy` has thrown.
  for (const { error } of report.failed) throw error
  const { state, version, unconfirmed }: InvalidationReceipt = report
  return { state, version, unconfirmed, kind: 'keys', count: distinct.size }
}

function checkShape(change: ExternalChange): Known {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) {
    throw refuse('event', 'an object', change)
  }
  for (const [field, value] of Object.entries(change)) {
    if ((FIELDS as readonly string[]).includes(field)) continue
    throw refuse(field, `one of ${FIELDS.join(', ')}; there is no such field`, value)
  }
  const known = change as Known
  const named = KINDS.filter((kind) => known[kind] !== undefined)
  if (named.length !== 1) {
    const expected = `an object with one of ${KINDS.map((kind) => `\`${kind}\``).join(', ')}`
    throw refuse('event', expected, named.length === 0 ? change : named.join(' and '))
  }
  return known
}

function spaceOf({ spaces }: Engine, { collection }: Known): Space {
  const name = collection ?? ''
  const space = typeof name === 'string' ? spaces.get(name) : undefined
  const isNamed = collection === undefined || collection !== ''
  if (space === undefined || !isNamed) {
    throw refuse('collection', 'the name of a collection of this cache', collection)
  }
  return space
}

/** Each checked: one that cannot be a key must not leave the others half done. */
function keysOf({ key, keys }: Known): readonly CacheKey[] {
  if (keys === undefined) {
    checkKey(key as CacheKey)
    return [key as CacheKey]
  }
  if (!Array.isArray(keys)) throw refuse('keys', 'an array of keys', keys)
  for (const [index, one] of keys.entries()) {
    try {
      checkKey(one)
    } catch {
      throw refuse(`keys[${index}]`, 'text, a finite number or a bigint', one)
    }
  }
  return keys
}

function refuse(field: string, expected: string, actual: unknown): Error {
  return refuseArgument({ field, expected, actual })
}
