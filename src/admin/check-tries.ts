/** How often a token may be wrong: after some failed tries of one address, one a second. */

import { AdminProblem } from './admin-problem.ts'
import type { AdminParts } from './route.ts'

/**
 * Right before a token is looked at, with nothing awaited in between: tries that come together would all pass
 * otherwise. A right one is refused too, or each refusal would tell that it was wrong.
 *
 * @throws AdminProblem
 */
export function checkTries({ failures }: Pick<AdminParts, 'failures'>, remoteAddress = ''): void {
  const waitMs = failures.look(remoteAddress)
  if (waitMs > 0) throw tooMany(waitMs)
}

export function tooMany(waitMs: number): AdminProblem {
  return new AdminProblem('too-many-requests', 'That was too much; try again later.', {
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
  })
}
