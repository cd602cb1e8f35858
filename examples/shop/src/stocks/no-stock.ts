import type { Problem } from '../server/request-error.ts'

/** `field`: the parameter or member that named it. */
export function noStock(field: string, symbol: string): Problem {
  return { field, message: `There is no stock ${symbol}.` }
}
