/** How a page of a list is named in the cache. */

export interface ListQuery {
  readonly page: number
  /** Absent: products of every category. */
  readonly category?: string
}

/** `3:tools`, or `3:` for the list of everything. */
export function listKey({ page, category }: ListQuery): string {
  return `${page}:${category ?? ''}`
}

/** The reverse of `listKey`. */
export function parseListKey(key: string): ListQuery {
  const colon = key.indexOf(':')
  const page = Number(key.slice(0, colon))
  const category = key.slice(colon + 1)
  return category === '' ? { page } : { page, category }
}
