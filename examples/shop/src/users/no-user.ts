import type { Problem } from '../server/request-error.ts'

/** What every route says of a user that there is not; `field` is the parameter that named it. */
export function noUser(field: string, id: number): Problem {
  return { field, message: `There is no user ${id}.` }
}
