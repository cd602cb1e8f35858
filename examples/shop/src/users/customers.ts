/** What the shop caches of its customers. Who is logged in stands in `sessions.ts`. */

import type { Cache, Collection, Schedule } from 'tiercel'
import { lastLoggedIn } from '../cache/warm-queries.ts'
import type { Source } from '../database/source.ts'
import { loadCountries } from './load-countries.ts'
import { loadUserList } from './load-user-list.ts'
import { loadWelcome } from './load-welcome.ts'
import type { Countries, User, UserList, Welcome } from './people.ts'
import { userStore } from './user-store.ts'
import { userTags } from './user-tags.ts'

export interface Customers {
  readonly users: Collection<number, User>
  /** By the number of the page. */
  readonly userLists: Collection<number, UserList>
  /** By the id of the user. */
  readonly welcomes: Collection<number, Welcome>
  /** One entry, under `COUNTRIES`. */
  readonly countries: Collection<string, Countries>
}

/** What nobody has asked for in a month leaves the cache, and stays in the source. */
export const USERS_CLEANED_EVERY_MS = 6 * 3_600_000

/** Under which the countries are kept: everybody sees the same ones. */
export const COUNTRIES = 'delivered-to'

/** Ids that nobody has are asked for again and again, by crawlers for instance. */
const UNKNOWN_FOR = '30s'

export function openCustomers(cache: Cache, source: Source, hourly: Schedule): Customers {
  return {
    users: cache.collection<number, User>('user', {
      store: userStore(source),
      // A new user is looked at next. What a change leaves, the source knows better: a login may have
      // happened meanwhile.
      write: { create: 'through', put: 'around', remove: 'through' },
      ttl: '1h',
      memoryTtl: '1h',
      // A month-old name is better than no page, should the source fail. Only idleness ends it: the
      // user who orders every week, and is never looked at, stays.
      grace: '3650d',
      idle: { after: '30d', every: USERS_CLEANED_EVERY_MS },
      negativeTtl: UNKNOWN_FOR,
      refreshAhead: 'on',
      workload: 'read-heavy',
      warm: { schedule: { at: hourly, from: lastLoggedIn(source), ttl: '1h' } },
    }),
    userLists: cache.collection<number, UserList>('user-list', {
      source: loadUserList(source),
      tagsOf: userTags.ofList,
      refreshAhead: 'on',
      workload: 'read-heavy',
    }),
    welcomes: cache.collection<number, Welcome>('welcome', {
      source: loadWelcome(source),
      tagsOf: (_, userId) => [userTags.user(userId)],
      ttl: '5m',
      memoryTtl: '5m',
      negativeTtl: UNKNOWN_FOR,
      workload: 'read-heavy',
    }),
    countries: cache.collection<string, Countries>('country', {
      source: loadCountries(source),
      ttl: '24h',
      memoryTtl: '24h',
      workload: 'read-heavy',
      warm: { schedule: { at: hourly, from: () => [COUNTRIES], ttl: '24h' } },
    }),
  }
}
