/** The answers of a route for its schema: what they carry, and when they come. */

interface Answer {
  readonly description: string
  readonly [keyword: string]: unknown
}

const WHEN: Readonly<Record<number, string>> = {
  400: 'Something in the request is not valid; `field` names it',
  401: 'The token does not fit',
  403: 'The request comes from a page of another site, or its token may not do that',
  404: 'There is nothing of this id',
  409: 'The source refused the write because of what it holds',
  413: 'The body is too large',
  415: 'The body is not JSON',
  429: 'That was too much, or too many tokens that did not fit',
  503: 'The shop cannot do that now; try again',
}

/** One resource of a shared schema, with where it came from. */
export function oneResource(schemaId: string, description: string): Answer {
  return {
    description,
    type: 'object',
    properties: {
      cached: { type: 'boolean', description: 'Whether memory or the shared tier answered' },
      data: { $ref: `${schemaId}#` },
    },
    required: ['cached', 'data'],
  }
}

/** Answers with a `Problem`, for `response`. */
export function problems(...statuses: readonly number[]): Record<number, Answer> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: WHEN[status] ?? 'A problem', $ref: 'Problem#' },
    ]),
  )
}
