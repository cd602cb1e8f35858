/** The names of what becomes stale together, when a user changes. */

import type { UserList } from './people.ts'

const EVERY_USER = 'listed:users'
/** What shows fields of the user. */
const user = (id: number): string => `user:${id}`
/** Those that end when the user is removed, and at no other change. */
const sessionsOf = (id: number): string => `sessions-of:${id}`

export const userTags = {
  user,
  sessionsOf,

  ofList(list: UserList): string[] {
    return [EVERY_USER, ...list.items.map(({ id }) => user(id))]
  },

  staleAfterRegister: [EVERY_USER],

  staleAfterRemove(id: number): string[] {
    return [user(id), sessionsOf(id), EVERY_USER]
  },
} as const
