import type { ServiceTables } from '../database/service-tables.ts'
import { INTO_FEEDS_OF_FOLLOWERS, INTO_OWN_FEED } from './fan-out.ts'
import { ACTIVITIES, sampleActivities, sampleFollows } from './sample-feed.ts'

export const FEED_TABLES: ServiceTables = {
  counter: 'activity',
  nextId: ACTIVITIES + 1,
  tables: ({ whole }) => [
    `CREATE TABLE follows (
      "userId" ${whole} NOT NULL,
      "followerId" ${whole} NOT NULL,
      PRIMARY KEY ("userId", "followerId")
    )`,
    `CREATE TABLE activities (
      id ${whole} PRIMARY KEY,
      "userId" ${whole} NOT NULL,
      text TEXT NOT NULL,
      likes ${whole} NOT NULL,
      "createdAt" ${whole} NOT NULL
    )`,
    `CREATE TABLE feed_items (
      "userId" ${whole} NOT NULL,
      "activityId" ${whole} NOT NULL,
      PRIMARY KEY ("userId", "activityId")
    )`,
  ],
  samples: () => [
    { table: 'follows', columns: ['"userId"', '"followerId"'], rows: sampleFollows() },
    {
      table: 'activities',
      columns: ['id', '"userId"', 'text', 'likes', '"createdAt"'],
      rows: sampleActivities(),
    },
  ],
  finish: [INTO_FEEDS_OF_FOLLOWERS, INTO_OWN_FEED],
}
