/** Making entries unservable, after a look at how many they are. */

import type { InvalidationReceipt } from '../../contracts/receipts.ts'
import type { CacheKey } from '../../contracts/source.ts'
import { type EntryCount, EntryCounter } from '../count-entries.ts'
import type { AnyCollection } from '../find-collection.ts'
import {
  type InvalidationBody,
  type InvalidationOrder,
  invalidationOrder,
  keysToInvalidate,
} from '../invalidation-order.ts'
import { askedKeys } from '../key-text.ts'
import type { AdminParts, Route } from '../route.ts'
import { answered, asked, instant, listOf, maybe, number, text, truth, whole } from '../schema.ts'

const body = asked({
  collection: { ...text, minLength: 1, maxLength: 256, description: 'Absent: plain keys' },
  keys: askedKeys,
  tags: {
    type: 'array',
    minItems: 1,
    maxItems: 64,
    items: { ...text, minLength: 1, maxLength: 512 },
  },
  match: { type: 'string', enum: ['any', 'all'], description: 'Of `tags`; `any` if not given' },
  pattern: { ...text, minLength: 1, maxLength: 1024, description: 'A glob over keys' },
  everything: {
    ...truth,
    enum: [true],
    description: 'The collection, or without one the whole cache',
  },
  dryRun: { ...truth, description: 'Only counts' },
})

const answer = answered('What was found and what was done', {
  matched: {
    ...maybe(whole),
    description: 'Entries that were found; `null`: they were not counted',
  },
  complete: { ...truth, description: '`false`: there was no time to count all of them' },
  done: truth,
  state: {
    type: 'string',
    enum: ['done', 'pending', 'dry-run'],
    description: '`pending`: the shared tier is told as soon as it answers',
  },
  durationMs: number,
})

export const invalidationRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: 'invalidate',
    role: 'write',
    summary: 'Makes entries unservable in every tier, by key, tag, pattern or all at once',
    body,
    answer,
    run: async ({ parts, body: given, note }) => {
      const asked = given as InvalidationBody
      const order = invalidationOrder(parts.cache, asked)
      const startedAt = parts.clock.monotonic()
      const durationMs = (): number => parts.clock.monotonic() - startedAt
      if (asked.dryRun === true) {
        const count = await countOf(parts, order)
        return { json: { ...count, done: false, state: 'dry-run', durationMs: durationMs() } }
      }
      note({ collection: asked.collection ?? '', what: order.kind, names: namesOf(asked) })
      const { matched, state } = await carryOut(parts, order)
      return { json: { matched, complete: true, done: true, state, durationMs: durationMs() } }
    },
  },
  {
    method: 'GET',
    path: 'invalidations',
    role: 'read',
    summary: 'How many there were, and the last hundred, those of a tenth of a second together',
    answer: answered('Statistics, and the last of them first', {
      statistics: { type: 'object' },
      recent: listOf(
        answered('Of one kind and origin', {
          at: instant,
          kind: text,
          origin: text,
          pattern: text,
          state: text,
          count: whole,
          calls: whole,
          durationMs: number,
        }),
      ),
    }),
    run: async ({ parts: { cache, activity } }) => {
      const { invalidations, coherence } = await cache.usage()
      const { latency = null, ...counts } = invalidations
      const statistics = { ...counts, latency, gaps: coherence?.gaps ?? null }
      return { json: { statistics, recent: activity.invalidations } }
    },
  },
]

async function countOf(parts: AdminParts, order: InvalidationOrder): Promise<EntryCount> {
  const { cache, clock, options } = parts
  const until = clock.monotonic() + options.countMs
  const counter = new EntryCounter(() => clock.monotonic() > until)
  switch (order.kind) {
    case 'keys':
      return await counter.keys(order.keys, await keysToInvalidate(order.keys, order.asked))
    case 'tags':
      return await counter.tags(cache, new Set(order.tags), order.match)
    case 'pattern':
      return await counter.pattern(order.keys, order.pattern)
    case 'collection':
      return await counter.pattern(order.keys, '*')
    case 'everything': {
      // The tiers know how many they hold.
      const { memory, shared } = await cache.usage()
      return { matched: Math.max(memory.entries, shared?.entries ?? 0), complete: true }
    }
    default:
      throw order satisfies never
  }
}

interface Done {
  readonly matched: number | null
  readonly state: InvalidationReceipt['state']
}

async function carryOut({ cache }: AdminParts, order: InvalidationOrder): Promise<Done> {
  switch (order.kind) {
    case 'keys':
      return await removeKeys(order.keys as AnyCollection, order.asked)
    case 'tags':
      return notCounted(await cache.invalidateTags(order.tags, { match: order.match }))
    case 'pattern':
      return notCounted(await order.keys.invalidatePattern(order.pattern))
    case 'collection':
      return notCounted(await order.keys.clear())
    case 'everything':
      return notCounted(await cache.clear())
    default:
      throw order satisfies never
  }
}

type KeysOrder = Extract<InvalidationOrder, { kind: 'keys' }>

async function removeKeys(keys: AnyCollection, asked: KeysOrder['asked']): Promise<Done> {
  const meant: readonly CacheKey[] = await keysToInvalidate(keys, asked)
  const { matched } = await new EntryCounter(() => false).keys(keys, meant)
  const { failed, state } = await keys.deleteMany(meant)
  for (const { error } of failed) throw error
  return { matched, state }
}

function notCounted({ state }: InvalidationReceipt): Done {
  return { matched: null, state }
}

function namesOf({ keys = [], tags = [], pattern }: InvalidationBody): readonly string[] {
  const names = keys.map((one) => (typeof one === 'string' ? one : one.key))
  return [...names, ...tags, ...(pattern === undefined ? [] : [pattern])]
}
