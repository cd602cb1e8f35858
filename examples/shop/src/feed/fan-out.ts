/** Statements that put activities into feeds: all there are, or those that a condition is added for. */

/** Into those of everybody else who follows the author. */
export const INTO_FEEDS_OF_FOLLOWERS = `INSERT INTO feed_items ("userId", "activityId")
  SELECT follows."followerId", activities.id
  FROM activities JOIN follows
    ON follows."userId" = activities."userId" AND follows."followerId" <> follows."userId"`

/** Into the author's own. */
export const INTO_OWN_FEED = `INSERT INTO feed_items ("userId", "activityId")
  SELECT "userId", id FROM activities`
