/** The verdict on one pattern, by all that is counted of it. */

import type { Verdict } from '../contracts/metrics.ts'
import type { DeclaredPattern } from '../contracts/observer.ts'
import type { Collector } from './collector.ts'
import type { PatternFigures } from './pattern-figures.ts'
import { verdictOf } from './verdict.ts'

export function patternVerdict(
  { pattern, counts, causes }: PatternFigures,
  { patterns, total }: Collector,
  declared: (pattern: string) => DeclaredPattern | undefined,
): Verdict {
  // Why plain keys have left is known of all of them together.
  const { removals, invalidations } = (patterns.leavingOf(pattern) ?? total).counts
  const workload = declared(pattern)?.workload ?? null
  return verdictOf({ ...counts, removals, invalidations }, workload, causes)
}
