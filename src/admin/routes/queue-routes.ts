/** Writes that wait for the source, and those that were given up. */

import type { Cache } from '../../contracts/cache.ts'
import type { CacheKey } from '../../contracts/source.ts'
import type { DeadLetter, QueueStatus } from '../../contracts/write-queue.ts'
import { AdminProblem } from '../admin-problem.ts'
import type { AnyCollection } from '../find-collection.ts'
import { findCollection } from '../find-collection.ts'
import { type AskedKey, askedKeys, keyAsText, keySchemas, keysMeant } from '../key-text.ts'
import { nameOfError } from '../problem-of.ts'
import type { Route } from '../route.ts'
import { answered, asked, instant, listOf, maybe, number, text, truth, whole } from '../schema.ts'
import { valueAsText } from '../value-text.ts'

const LETTERS_AT_MOST = 1000

const params = { collection: { ...text, description: 'One that writes behind the cache' } }
const keys = asked({ keys: askedKeys })

interface KeysBody {
  readonly keys?: readonly (string | AskedKey)[]
}

export const queueRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: 'queues',
    role: 'read',
    summary: 'What waits for the source, of each collection that writes behind the cache',
    answer: listOf(
      answered('Of all instances; numbers are `null` where the shared tier cannot be asked', {
        collection: text,
        waiting: maybe(whole),
        bytes: maybe(whole),
        oldestMs: maybe(number),
        deadLetters: maybe(whole),
        error: text,
      }),
    ),
    run: async ({ parts: { cache } }) => {
      const behind = [...cache.collections.values()].filter((one) => one.describe().behind)
      return { json: await Promise.all(behind.map(statusOf)) }
    },
  },
  {
    method: 'GET',
    path: 'queues/:collection/dead-letters',
    role: 'read',
    summary: 'Writes that were given up, with why, in no order',
    params,
    query: asked({
      limit: { type: 'integer', minimum: 1, maximum: LETTERS_AT_MOST, default: 100 },
    }),
    answer: listOf(
      answered('One of them', {
        ...keySchemas,
        kind: { type: 'string', enum: ['create', 'put', 'remove'] },
        error: { ...text, description: 'In the words of the store' },
        attempts: whole,
        diedAt: instant,
        id: text,
        value: maybe(answered('Where values are shown', { json: text, truncated: truth })),
      }),
    ),
    run: async ({ parts: { cache, options }, params: { collection = '' }, query }) => {
      const { limit } = query as { readonly limit: number }
      const letters: object[] = []
      for await (const letter of queueOf(cache, collection).deadLetters()) {
        if (letters.push(letterOf(letter, options.values)) >= limit) break
      }
      return { json: letters }
    },
  },
  {
    method: 'POST',
    path: 'queues/:collection/retry',
    role: 'write',
    summary: 'Queues dead letters again, all of them where no keys are given',
    params,
    body: keys,
    answer: answered('How many are queued', { retried: whole }),
    run: async ({ parts: { cache }, params: { collection = '' }, body, note }) => {
      const { keys: asked } = body as KeysBody
      const queue = queueOf(cache, collection)
      const meant = asked && lettersMeant(asked)
      note({ collection, what: 'retry', names: asked?.map(nameOf) ?? [] })
      return { json: { retried: await queue.retry(meant) } }
    },
  },
  {
    method: 'POST',
    path: 'queues/:collection/drop',
    role: 'write',
    summary: 'Forgets dead letters; readers see what the source has already',
    params,
    body: { ...keys, required: ['keys'] },
    answer: answered('How many there were', { dropped: whole }),
    run: async ({ parts: { cache }, params: { collection = '' }, body, note }) => {
      const { keys: asked = [] } = body as KeysBody
      const queue = queueOf(cache, collection)
      const meant = lettersMeant(asked)
      note({ collection, what: 'drop', names: asked.map(nameOf) })
      return { json: { dropped: await queue.drop(meant) } }
    },
  },
]

type QueueFigures = { readonly collection: string; readonly error: string } & {
  readonly [Name in keyof QueueStatus]: number | null
}

const UNKNOWN = { waiting: null, bytes: null, oldestMs: null, deadLetters: null }

async function statusOf({ name, queue }: AnyCollection): Promise<QueueFigures> {
  try {
    return { collection: name, ...(await queue.status()), error: '' }
  } catch (error) {
    return { collection: name, ...UNKNOWN, error: nameOfError(error) }
  }
}

/** @throws AdminProblem */
function queueOf(cache: Cache, name: string): AnyCollection['queue'] {
  const collection = findCollection(cache, name)
  if (collection.describe().behind) return collection.queue
  throw new AdminProblem('conflict', 'Nothing of this collection is written behind the cache.', {
    field: 'collection',
  })
}

function letterOf(letter: DeadLetter<CacheKey, unknown>, values: 'hidden' | 'shown'): object {
  const { key, value, kind, error, attempts, diedAt, id } = letter
  const shown = values === 'shown' && value !== undefined ? valueAsText(value) : null
  return { ...keyAsText(key), kind, error, attempts, diedAt, id, value: shown }
}

/** A letter that is not there is harmless to name: of a text that may be a number, both are. */
function lettersMeant(asked: readonly (string | AskedKey)[]): readonly CacheKey[] {
  return asked.flatMap((one) => keysMeant(typeof one === 'string' ? { key: one } : one))
}

function nameOf(one: string | AskedKey): string {
  return typeof one === 'string' ? one : one.key
}
