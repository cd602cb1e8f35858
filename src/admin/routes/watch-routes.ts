/** What goes on: live, and what was changed by whom. */

import type { Route } from '../route.ts'
import { answered, asked, instant, listOf, number, text, whole } from '../schema.ts'

export const watchRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: 'live',
    role: 'read',
    summary:
      'Server-sent events: `stats` each second, `invalidation`, `alert`, `queue`, `warming` and `audit` as they come',
    type: 'text/event-stream',
    run: ({ parts: { live }, caller }) => ({
      body: live.open(caller?.stands ?? (() => false)),
      type: 'text/event-stream',
    }),
  },
  {
    method: 'GET',
    path: 'audit',
    role: 'read',
    summary: 'Changes that were asked for by this API of this instance, the last first',
    query: asked({ limit: { type: 'integer', minimum: 1, maximum: 500, default: 100 } }),
    answer: listOf(
      answered('One change', {
        number: whole,
        at: instant,
        action: text,
        role: text,
        via: text,
        remoteAddress: text,
        collection: text,
        what: text,
        count: whole,
        names: listOf(text),
        outcome: { type: 'string', enum: ['done', 'begun', 'failed', 'refused'] },
        status: whole,
        durationMs: number,
      }),
    ),
    run: ({ parts: { audit }, query }) => {
      const { limit } = query as { readonly limit: number }
      return { json: audit.last(limit) }
    },
  },
]
