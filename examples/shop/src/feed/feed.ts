/** What the shop caches of feeds. `activity-writes.ts` changes them, the routes of this folder show them. */

import type { Cache, Collection } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Activity, Feed } from './activity.ts'
import { activityStore } from './activity-store.ts'
import { tags } from './feed-tags.ts'
import { loadFeed } from './load-feed.ts'

export interface Feeds {
  /** By `feedKey`. */
  readonly feeds: Collection<string, Feed>
  readonly activities: Collection<number, Activity>
}

export function openFeeds(cache: Cache, source: Source): Feeds {
  return {
    feeds: cache.collection<string, Feed>('feed', {
      // It also says how much room each page takes.
      source: loadFeed(source),
      tagsOf: (feed) => tags.ofFeed(feed),
      workload: 'write-heavy',
      ttl: '1m',
      memoryTtl: '1m',
      // One user's page is of use to nobody else: it makes room for what many read.
      priority: 'low',
    }),
    activities: cache.collection<number, Activity>('activity', {
      store: activityStore(source),
      // Its followers open it next.
      write: { create: 'through' },
      tagsOf: (activity) => tags.ofActivity(activity),
      workload: 'write-heavy',
      ttl: '1m',
      memoryTtl: '1m',
      negativeTtl: '30s',
    }),
  }
}
