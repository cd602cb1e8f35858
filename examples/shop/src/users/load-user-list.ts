import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { User, UserList } from './people.ts'

const PAGE_SIZE = 20

/** Loads one page of users, in the order of their ids. */
export function loadUserList(source: Source): Loader<number, UserList> {
  return async (page) => {
    const [items, totals] = await Promise.all([
      source.all<User>('SELECT * FROM users ORDER BY id LIMIT $1 OFFSET $2', [
        PAGE_SIZE,
        (page - 1) * PAGE_SIZE,
      ]),
      source.all<{ total: number }>('SELECT count(*) AS total FROM users'),
    ])
    return { page, pageSize: PAGE_SIZE, total: totals[0]?.total ?? 0, items }
  }
}
