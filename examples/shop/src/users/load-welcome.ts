import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Welcome } from './people.ts'

/** Loads what a user is greeted with; nothing if there is no such user. */
export function loadWelcome(source: Source): Loader<number, Welcome> {
  return async (userId) => {
    const [welcome] = await source.all<Welcome>(
      `SELECT users.id AS "userId", users.name, countries.name AS country, "registeredAt"
      FROM users JOIN countries ON countries.code = users."countryCode" WHERE users.id = $1`,
      [userId],
    )
    return welcome
  }
}
