/** Switches that act at once, without a deploy. */

import type { Cache } from '../../contracts/cache.ts'
import type { CacheMode, ModeOptions } from '../../contracts/mode.ts'
import { findCollection, findKeys } from '../find-collection.ts'
import type { Route } from '../route.ts'
import { answered, asked, listOf, share, text } from '../schema.ts'

const modes = listOf(
  answered('Of one collection; plain keys have no name', {
    collection: text,
    mode: { type: 'string', enum: ['on', 'memory', 'shared', 'off'] },
    shadowShare: share,
  }),
)

interface ModeBody {
  readonly collection?: string
  readonly mode: CacheMode
  readonly scope?: NonNullable<ModeOptions['scope']>
}

interface ShadowBody {
  readonly collection: string
  readonly share: number
}

export const switchRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: 'modes',
    role: 'read',
    summary: 'How each collection is switched, plain keys last',
    answer: modes,
    run: ({ parts: { cache } }) => ({ json: modesOf(cache) }),
  },
  {
    method: 'POST',
    path: 'modes',
    role: 'write',
    summary: 'Switches caching of a collection off, to one tier, or on again',
    body: asked(
      {
        collection: { ...text, maxLength: 256, description: 'Absent or empty: plain keys' },
        mode: { type: 'string', enum: ['on', 'memory', 'shared', 'off'] },
        scope: {
          type: 'string',
          enum: ['instance', 'fleet'],
          description: 'This instance, if not given; or all of them, within 5 s',
        },
      },
      ['mode'],
    ),
    answer: modes,
    run: async ({ parts: { cache }, body, note }) => {
      const { collection = '', mode, scope = 'instance' } = body as ModeBody
      const keys = findKeys(cache, collection)
      note({ collection, what: `${mode}, ${scope}` })
      await keys.setMode(mode, { scope })
      return { json: modesOf(cache) }
    },
  },
  {
    method: 'POST',
    path: 'shadow',
    role: 'write',
    summary: 'Loads a share of the hits too, and counts where the source differs',
    body: asked(
      {
        collection: { ...text, minLength: 1, maxLength: 256 },
        share: { type: 'number', minimum: 0, maximum: 1, description: '0: none' },
      },
      ['collection', 'share'],
    ),
    answer: modes,
    run: async ({ parts: { cache }, body, note }) => {
      const { collection: name, share } = body as ShadowBody
      const collection = findCollection(cache, name)
      note({ collection: name, what: `${share} of the hits` })
      collection.setShadow(share)
      return { json: modesOf(cache) }
    },
  },
]

function modesOf(cache: Cache): object {
  return [...cache.collections.values(), cache].map((one) => {
    const { name: collection, mode, shadowShare } = one.describe()
    return { collection, mode, shadowShare }
  })
}
