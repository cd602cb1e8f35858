/** Clean-up and warming: begun by a request, and going on after its answer. */

import { findCollection } from '../find-collection.ts'
import type { Route } from '../route.ts'
import { answered, asked, instant, listOf, maybe, number, text, whole } from '../schema.ts'

const CLEAN_UP = 'clean-up'

const begun = answered('Whether it was begun now', {
  state: { type: 'string', enum: ['begun', 'running'] },
})

const job = answered('The last one that was begun here by hand', {
  state: { type: 'string', enum: ['never', 'running', 'done', 'failed'] },
})

export const jobRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: 'clean-up',
    role: 'write',
    summary: 'Removes entries that nobody has read for long; answers before it has ended',
    body: asked({}),
    status: 202,
    answer: begun,
    run: async ({ parts: { cache, jobs }, note }) => {
      note({ what: 'clean-up' })
      return { json: { state: await jobs.begin(CLEAN_UP, () => cache.cleanUp()) }, status: 202 }
    },
  },
  {
    method: 'GET',
    path: 'clean-up',
    role: 'read',
    summary: 'How the last clean-up that was begun by hand has come out',
    answer: job,
    run: ({ parts: { jobs } }) => ({ json: jobs.of(CLEAN_UP) }),
  },
  {
    method: 'POST',
    path: 'warm',
    role: 'write',
    summary: 'Carries out the planned warming of a collection again; answers before it has ended',
    body: asked({ collection: { ...text, minLength: 1, maxLength: 256 } }, ['collection']),
    status: 202,
    answer: begun,
    run: async ({ parts: { cache, jobs }, body, note }) => {
      const { collection: name } = body as { readonly collection: string }
      const collection = findCollection(cache, name)
      note({ collection: name, what: 'warm' })
      const state = await jobs.begin(`warm ${name}`, () => collection.warmNow())
      return { json: { state }, status: 202 }
    },
  },
  {
    method: 'GET',
    path: 'warmings',
    role: 'read',
    summary: 'What warming has told lately, the last first',
    answer: listOf(
      answered('How far one has come', {
        at: instant,
        pattern: text,
        reason: text,
        state: text,
        loaded: whole,
        fresh: whole,
        absent: whole,
        failed: whole,
        expected: maybe(whole),
        elapsedMs: number,
        ticks: whole,
        error: text,
      }),
    ),
    run: ({ parts: { activity } }) => ({ json: activity.warmings }),
  },
  {
    method: 'GET',
    path: 'forecasts',
    role: 'read',
    summary: 'What the next hour is expected to read, and how good such forecasts were',
    query: asked({
      keys: {
        type: 'integer',
        minimum: 0,
        maximum: 1000,
        default: 0,
        description: 'Keys that are named, of each collection',
      },
    }),
    answer: listOf(
      answered('Of one collection; `forecast` is `null` while there is none', {
        collection: text,
        forecast: maybe({ type: 'object' }),
      }),
    ),
    run: ({ parts: { cache }, query }) => {
      const { keys } = query as { readonly keys: number }
      const forecasts = [...cache.collections.values()]
        .filter((collection) => collection.describe().predicts)
        .map((collection) => {
          const forecast = collection.forecast(Math.max(1, keys))
          const expected = forecast?.expected.slice(0, keys).map(({ key, reads }) => ({
            key: String(key),
            keyType: typeof key,
            reads,
          }))
          return {
            collection: collection.name,
            forecast: forecast === undefined ? null : { ...forecast, expected },
          }
        })
      return { json: forecasts }
    },
  },
]
