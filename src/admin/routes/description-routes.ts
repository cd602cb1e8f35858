/** The API itself, for programs and for people. */

import { DOCS_STYLE, docsPage } from '../docs-page.ts'
import { openApiDocument } from '../open-api.ts'
import type { Route } from '../route.ts'

export const descriptionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: 'openapi.json',
    role: 'read',
    summary: 'This description, as OpenAPI 3.1',
    answer: { type: 'object' },
    run: ({ parts }) => ({ json: openApiDocument(parts.routes, parts.options.base) }),
  },
  {
    method: 'GET',
    path: 'docs',
    role: 'read',
    summary: 'The same for people',
    type: 'text/html; charset=utf-8',
    run: ({ parts }) => ({
      body: docsPage(parts.routes, parts.options.base),
      type: 'text/html; charset=utf-8',
    }),
  },
  {
    method: 'GET',
    path: 'docs.css',
    role: 'read',
    summary: 'How it looks',
    type: 'text/css; charset=utf-8',
    run: () => ({ body: DOCS_STYLE, type: 'text/css; charset=utf-8' }),
  },
]
