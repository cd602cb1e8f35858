/** The names of what becomes stale together in feeds. Made here alone, so that both sides agree. */

import { userTags } from '../users/user-tags.ts'
import type { Activity, Feed } from './activity.ts'

/** All pages of one user's feed: a new activity moves everything on them. */
const feedOf = (userId: number): string => `feed:${userId}`
/** The activity itself, and each page that shows it. */
const activity = (id: number): string => `activity:${id}`

/** Called by `feed.ts` for what is loaded and by `activity-writes.ts` for what is written. */
export const tags = {
  feedOf,
  activity,

  ofActivity({ id }: Activity): string[] {
    return [activity(id)]
  },

  /**
   * Two more than there are activities, of the 64 that an entry may have: see `feed-schemas.ts`. The
   * second one has the feed leave with its user.
   */
  ofFeed({ userId, items }: Feed): string[] {
    return [feedOf(userId), userTags.user(userId), ...items.map(({ id }) => activity(id))]
  },
}
