/** How long a caller waits: what is declared, and what one call says instead. */

import { checkKnown } from '../contracts/known-options.ts'
import type { Timeouts } from '../contracts/options.ts'
import { TIMEOUTS } from './check-shape.ts'
import { DEFAULTS } from './defaults.ts'
import { durationMs, type Refuse, refuseOption } from './field-check.ts'
import type { ResolvedTimeouts } from './space.ts'

export const DEFAULT_TIMEOUTS: ResolvedTimeouts = {
  softMs: durationMs(DEFAULTS.timeouts.soft, { field: 'timeouts.soft', refuse: refuseOption }),
  hardMs: durationMs(DEFAULTS.timeouts.hard, { field: 'timeouts.hard', refuse: refuseOption }),
}

/** @throws what `refuse` makes. `soft` of 0: answer with a graced value at once. */
export function resolveTimeouts(
  timeouts: Timeouts | undefined,
  context: { readonly base: ResolvedTimeouts; readonly path: string; readonly refuse: Refuse },
): ResolvedTimeouts {
  if (timeouts === undefined) return context.base
  const { base, path, refuse } = context
  checkKnown(timeouts, TIMEOUTS, { name: `${path}timeouts`, path: `${path}timeouts.`, refuse })
  const { soft, hard } = timeouts
  return {
    softMs:
      soft === undefined
        ? base.softMs
        : durationMs(soft, { field: `${path}timeouts.soft`, refuse, allow: 'zero' }),
    hardMs:
      hard === undefined
        ? base.hardMs
        : durationMs(hard, { field: `${path}timeouts.hard`, refuse }),
  }
}
