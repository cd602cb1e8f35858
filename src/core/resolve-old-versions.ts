/** When and how fast entries of older versions are removed. */

import type { OldVersions } from '../contracts/old-versions.ts'
import { DEFAULTS } from './defaults.ts'
import { checkNumber, durationMs, type Refuse, refuseOption } from './field-check.ts'

export interface RemovalPlan {
  /** After the start, and between two tries. */
  readonly afterMs: number
  readonly perSecond: number
}

const MAX_PER_SECOND = 100_000

/** `undefined`: they are kept. @throws ConfigError */
export function resolveOldVersions(
  option: OldVersions | undefined,
  path: string,
): RemovalPlan | undefined {
  const asked = option ?? DEFAULTS.oldVersions
  if (asked === 'keep') return undefined
  const { removeAfter = DEFAULTS.removal.removeAfter, perSecond } = asked === 'remove' ? {} : asked
  const check = { field: `${path}.removeAfter`, refuse: refuseOption, allow: 'zero' } as const
  return {
    afterMs: durationMs(removeAfter, check),
    perSecond: checkPace(perSecond, `${path}.perSecond`, refuseOption),
  }
}

/** @throws what `refuse` makes. */
export function checkPace(perSecond: number | undefined, field: string, refuse: Refuse): number {
  return checkNumber(perSecond === undefined ? DEFAULTS.removal.perSecond : perSecond, {
    field,
    refuse,
    least: 1,
    most: MAX_PER_SECOND,
  })
}
