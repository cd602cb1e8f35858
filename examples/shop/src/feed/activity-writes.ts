/** New activities and likes. The routes call it. */

import type { Cache } from 'tiercel'
import { nextId } from '../database/next-id.ts'
import type { Source } from '../database/source.ts'
import { RequestError } from '../server/request-error.ts'
import type { Customers } from '../users/customers.ts'
import { noUser } from '../users/no-user.ts'
import type { Activity, ActivityDraft } from './activity.ts'
import type { Feeds } from './feed.ts'
import { tags } from './feed-tags.ts'
import { noActivity } from './no-activity.ts'

/** What one call of the cache takes. */
const TAGS_AT_ONCE = 1_000

interface Parts {
  readonly cache: Cache
  readonly feeds: Feeds
  readonly customers: Customers
  readonly source: Source
}

export class ActivityWrites {
  readonly #cache: Cache
  readonly #feeds: Feeds
  readonly #customers: Customers
  readonly #source: Source

  constructor({ cache, feeds, customers, source }: Parts) {
    this.#cache = cache
    this.#feeds = feeds
    this.#customers = customers
    this.#source = source
  }

  /**
   * Stands in all feeds that are to show it when this resolves: the source has it there, and what was
   * cached of them is gone.
   *
   * @throws RequestError with 404 if there is no such user.
   */
  async create({ userId, text }: ActivityDraft): Promise<Activity> {
    if ((await this.#customers.users.get(userId)) === undefined) {
      throw new RequestError(404, noUser('userId', userId))
    }
    const [id, followers] = await Promise.all([
      nextId(this.#source, 'activity'),
      this.#followersOf(userId),
    ])
    const activity = { id, userId, text, likes: 0, createdAt: Date.now() }
    const stale = [userId, ...followers].map(tags.feedOf)
    // Those that are named in the write leave even if the process dies in the middle of it.
    const invalidateTags = stale.slice(0, TAGS_AT_ONCE)
    await this.#feeds.activities.create(id, activity, { invalidateTags })
    for (let from = TAGS_AT_ONCE; from < stale.length; from += TAGS_AT_ONCE) {
      await this.#cache.invalidateTags(stale.slice(from, from + TAGS_AT_ONCE))
    }
    return activity
  }

  /**
   * Counted by the source, so that no like is lost among many at once. One tag takes the activity and
   * every page that may show it; should the process be killed before, they are a minute old at most.
   *
   * @throws RequestError with 404 if there is no such activity.
   */
  async like(id: number): Promise<void> {
    const liked = await this.#source.all(
      'UPDATE activities SET likes = likes + 1 WHERE id = $1 RETURNING id',
      [id],
    )
    if (liked.length === 0) throw new RequestError(404, noActivity(id))
    await this.#cache.invalidateTags([tags.activity(id)])
  }

  async #followersOf(userId: number): Promise<readonly number[]> {
    const rows = await this.#source.all<{ followerId: number }>(
      'SELECT "followerId" FROM follows WHERE "userId" = $1',
      [userId],
    )
    return rows.map(({ followerId }) => followerId)
  }
}
