import type { RefreshAhead } from '../contracts/options.ts'
import type { RefreshAheadPlan } from './ahead-window.ts'
import { DEFAULTS } from './defaults.ts'
import { checkNumber, type Refuse } from './field-check.ts'

const LEAST_SHARE = 0.01
const MOST_SHARE = 0.99
/** Beyond it, half of the life, the longest lead there is, is reached by any load worth caching. */
const MOST_BETA = 100

/** `undefined`: off. @throws what `refuse` makes. */
export function resolveRefreshAhead(
  given: RefreshAhead | number | 'on' | 'off',
  { field, refuse }: { readonly field: string; readonly refuse: Refuse },
): RefreshAheadPlan | undefined {
  if (given === 'off') return undefined
  if (given === 'on') return planOf({}, field, refuse)
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    const unknown = Object.keys(given).find((name) => name !== 'after' && name !== 'beta')
    if (unknown === undefined) return planOf(given, field, refuse)
    throw refuse({
      field: `${field}.${unknown}`,
      expected: 'one of after, beta',
      actual: given[unknown as keyof RefreshAhead],
      cure: 'There is no such option.',
    })
  }
  if (typeof given === 'number') return planOf({ after: given }, '', refuse, field)
  throw refuse({
    field,
    expected: "'on', 'off', a share of the life above 0 and below 1, or { after, beta }",
    actual: given,
  })
}

function planOf(
  { after = DEFAULTS.ahead.after, beta = DEFAULTS.ahead.beta }: RefreshAhead,
  field: string,
  refuse: Refuse,
  afterField: string = `${field}.after`,
): RefreshAheadPlan | undefined {
  const share = { field: afterField, refuse, least: LEAST_SHARE, most: MOST_SHARE }
  const plan = {
    after: after === 'off' ? 1 : checkNumber(after, share),
    beta:
      beta === 'off'
        ? 0
        : checkNumber(beta, { field: `${field}.beta`, refuse, least: 0, most: MOST_BETA }),
  }
  return plan.after === 1 && plan.beta === 0 ? undefined : plan
}
