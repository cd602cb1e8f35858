/** What the shop caches of its customers. So far they are only read. */

import type { Cache, Collection, Schedule } from 'tiercel'
import { loadCountries } from './load-countries.ts'
import { loadUserList } from './load-user-list.ts'
import type { Countries, User, UserList } from './people.ts'
import type { Source } from './source.ts'
import { lastLoggedIn } from './warm-queries.ts'

export interface Customers {
  readonly users: Collection<number, User>
  /** By the number of the page. */
  readonly userLists: Collection<number, UserList>
  /** One entry, under `COUNTRIES`. */
  readonly countries: Collection<string, Countries>
}

/** Under which the countries are kept: everybody sees the same ones. */
export const COUNTRIES = 'delivered-to'

/** Ids that nobody has are asked for again and again, by crawlers for instance. */
const UNKNOWN_FOR = '30s'

export function openCustomers(cache: Cache, source: Source, hourly: Schedule): Customers {
  return {
    users: cache.collection<number, User>('user', {
      source: source.table({ table: 'users', key: 'id' }),
      ttl: '1h',
      memoryTtl: '1h',
      // A month-old name is better than no page, should the source fail.
      grace: '30d',
      negativeTtl: UNKNOWN_FOR,
      refreshAhead: 'on',
      warm: { schedule: { at: hourly, from: lastLoggedIn(source), ttl: '1h' } },
    }),
    userLists: cache.collection<number, UserList>('user-list', {
      source: loadUserList(source),
      refreshAhead: 'on',
    }),
    countries: cache.collection<string, Countries>('country', {
      source: loadCountries(source),
      ttl: '24h',
      memoryTtl: '24h',
      warm: { schedule: { at: hourly, from: () => [COUNTRIES], ttl: '24h' } },
    }),
  }
}
