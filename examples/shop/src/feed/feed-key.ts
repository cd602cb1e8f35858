/** How a page of a feed is named in the cache. */

export interface FeedQuery {
  readonly userId: number
  readonly page: number
  readonly pageSize: number
}

/** `7:3:20`: page 3 of user 7, by twenties. Two sizes of page are two entries. */
export function feedKey({ userId, page, pageSize }: FeedQuery): string {
  return `${userId}:${page}:${pageSize}`
}

/** The reverse of `feedKey`. */
export function parseFeedKey(key: string): FeedQuery {
  const [userId, page, pageSize] = key.split(':').map(Number)
  return { userId: userId ?? 0, page: page ?? 0, pageSize: pageSize ?? 0 }
}
