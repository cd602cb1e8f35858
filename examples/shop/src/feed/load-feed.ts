import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Activity, Feed } from './activity.ts'
import { parseFeedKey } from './feed-key.ts'

/** Loads one page of a feed, newest first, by its `feedKey`; nothing if there is no such user. */
export function loadFeed(source: Source): Loader<string, Feed> {
  return async (key, context) => {
    const { userId, page, pageSize } = parseFeedKey(key)
    // A change between the three takes this page with it, by its tags.
    const [users, totals, items] = await Promise.all([
      source.all('SELECT 1 FROM users WHERE id = $1', [userId]),
      source.all<{ total: number }>(
        'SELECT count(*) AS total FROM feed_items WHERE "userId" = $1',
        [userId],
      ),
      source.all<Activity>(
        `SELECT activities.* FROM feed_items
        JOIN activities ON activities.id = feed_items."activityId"
        WHERE feed_items."userId" = $1
        ORDER BY feed_items."activityId" DESC LIMIT $2 OFFSET $3`,
        [userId, pageSize, (page - 1) * pageSize],
      ),
    ])
    if (users.length === 0) return undefined
    // A page of fifty takes the room of fifty activities.
    context.options({ size: items.length })
    return { userId, page, pageSize, total: totals[0]?.total ?? 0, items }
  }
}
