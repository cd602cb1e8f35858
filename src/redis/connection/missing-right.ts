/**
 * Tells what only a person can give, a right or a password, from refusals that pass by themselves: too
 * many clients, a busy script, data that is being loaded.
 */

import { RedisError } from './redis-error.ts'

const CODES = ['NOPERM', 'NOAUTH', 'WRONGPASS']

export function isMissingRight(error: unknown): error is RedisError {
  return error instanceof RedisError && CODES.includes(error.code)
}
