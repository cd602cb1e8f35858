/** One key, for whoever wants to know why it is stale, or why it is slow. */

import type { Cache } from '../../contracts/cache.ts'
import type { Inspection } from '../../contracts/reading.ts'
import type { CacheKey } from '../../contracts/source.ts'
import type { AnyCollection } from '../find-collection.ts'
import { findKeys } from '../find-collection.ts'
import { type AskedKey, keyAsText, keySchemas, keysMeant } from '../key-text.ts'
import type { Route } from '../route.ts'
import { answered, asked, instant, listOf, maybe, number, text, truth, whole } from '../schema.ts'
import { valueAsText } from '../value-text.ts'

type Query = AskedKey & { readonly collection?: string }

const lives = {
  ageMs: number,
  freshUntil: maybe(instant),
  graceUntil: maybe(instant),
  sizeBytes: whole,
}

const entry = answered('Where it lives, and what it lives by', {
  tiers: listOf({ type: 'string', enum: ['memory', 'shared'] }),
  ...lives,
  memory: maybe(answered('The copy in this process', lives)),
  shared: maybe(answered('What the shared tier has', lives)),
  loadMs: maybe(number),
  tags: listOf(text),
  schemaVersion: whole,
  pending: { ...truth, description: 'It is a write that waits for the source' },
  absent: { ...truth, description: 'What is cached is that the source has nothing' },
})

export const entryRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: 'entry',
    role: 'read',
    summary: 'One entry: where it lives in each tier, its age, times, tags and pending writes',
    query: asked({ collection: { ...text, maxLength: 256 }, ...keySchemas }, ['key']),
    answer: answered('What is known of the key', {
      collection: text,
      ...keySchemas,
      found: truth,
      entry: maybe(entry),
      value: maybe(answered('Where values are shown', { json: text, truncated: truth })),
    }),
    run: async ({ parts: { cache, options }, query }) => {
      const { collection = '', ...asked } = query as Query
      const keys = findKeys(cache, collection)
      const { key, inspection } = await findEntry(keys, keysMeant(asked))
      const shown = inspection !== undefined && options.values === 'shown'
      return {
        json: {
          collection,
          ...keyAsText(key),
          found: inspection !== undefined,
          entry: inspection === undefined ? null : entryOf(inspection),
          value: shown ? valueAsText(await peek(keys, key)) : null,
        },
      }
    },
  },
]

type Keys = Cache | AnyCollection

interface Found {
  readonly key: CacheKey
  readonly inspection: Inspection | undefined
}

async function findEntry(keys: Keys, meant: readonly CacheKey[]): Promise<Found> {
  let last: Found | undefined
  for (const key of meant) {
    // Plain keys are text: what is a number is asked of collections alone.
    if (keys.describe().name === '' && typeof key !== 'string') continue
    const inspection = await (keys as AnyCollection).inspect(key)
    if (inspection !== undefined) return { key, inspection }
    last ??= { key, inspection }
  }
  return last ?? { key: meant[0] ?? '', inspection: undefined }
}

/** Members that are not known are `null`, and times without an end too. */
function entryOf(inspection: Inspection): object {
  const { loadMs = null, memory = null, shared = null } = inspection
  return { ...inspection, loadMs, memory, shared }
}

function peek(keys: Keys, key: CacheKey): Promise<unknown> {
  return (keys as AnyCollection).peek(key)
}
