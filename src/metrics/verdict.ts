/** A verdict on a pattern's hit rate against the workload it is declared as, with cause and cure (M6). */

import type { MissCause } from '../contracts/key-watch.ts'
import type { LowHitCause, PatternMetrics, Verdict, Workload } from '../contracts/metrics.ts'

/** Why reads were misses, of a sample of the keys. */
type Misses = Readonly<Record<MissCause, number>>

type Judged = Pick<
  PatternMetrics,
  'hits' | 'misses' | 'loads' | 'writes' | 'removals' | 'invalidations'
>

const RANGES = {
  'read-heavy': { excellent: 0.95, good: 0.85, fair: 0.7 },
  'write-heavy': { excellent: 0.7, good: 0.5, fair: 0.3 },
} as const

/** Fewer reads say nothing. */
const LEAST_READS = 100
const READS_TO_WRITES = { 'write-heavy': 10, 'read-heavy': 100 } as const
/** Share of the misses of keys that were asked for before, beyond which one cause is named. */
const MAIN_SHARE = 0.5

const ADVICE: Readonly<Record<LowHitCause, string>> = {
  'short-life':
    'Most entries have expired when they are asked for again: raise `ttl` beyond the time between two reads of a key, or use `refreshAhead`.',
  'never-repeated':
    'Most keys are asked for once and never again: leave timestamps, random and other volatile parts out of the key, or do not cache it.',
  'removed-early':
    'Most entries are invalidated before they are read again: use narrower tags or keys, or write through the cache instead of around it.',
  'not-kept':
    'Most keys that are asked for again had left nothing behind: the source has nothing of them (use `negativeTtl`), loads fail, or `ttl` is 0.',
  evicted:
    'Most entries have been evicted when they are asked for again: raise the bounds of `memory`, or of the shared tier.',
  unclear:
    'No single cause explains most of the misses: look at its loads, removals and lifetimes.',
}

/** Of the figures so far. `causes`: nothing sampled, if all are 0. */
export function verdictOf(figures: Judged, workload: Workload | null, causes: Misses): Verdict {
  const range = RANGES[workload ?? 'read-heavy']
  const contradiction = contradictionOf(figures, workload)
  const reads = figures.hits + figures.misses
  if (reads < LEAST_READS) {
    return { grade: 'unknown', range, cause: null, advice: '', contradiction }
  }
  const rate = figures.hits / reads
  const grade =
    rate >= range.excellent
      ? 'excellent'
      : rate >= range.good
        ? 'good'
        : rate >= range.fair
          ? 'fair'
          : 'low'
  if (grade === 'excellent' || grade === 'good') {
    return { grade, range, cause: null, advice: '', contradiction }
  }
  const cause = causeOf(figures, causes)
  return { grade, range, cause, advice: ADVICE[cause], contradiction }
}

function causeOf(figures: Judged, { first, unkept, expired, gone }: Misses): LowHitCause {
  const again = unkept + expired + gone
  if (first + again === 0) return 'unclear'
  if (first > again) return 'never-repeated'
  if (expired > again * MAIN_SHARE) return 'short-life'
  if (unkept > again * MAIN_SHARE) return 'not-kept'
  if (gone > again * MAIN_SHARE) return isEvicted(figures) ? 'evicted' : 'removed-early'
  return 'unclear'
}

/** Of entries that should have lived on: whether more were evicted than removed by somebody. */
function isEvicted({ removals, invalidations }: Judged): boolean {
  const { memory, shared } = removals
  const removed = memory.deleted + memory.invalidated + shared.deleted + shared.invalidated
  // A tier that does not tell what has left it is judged by what it was told.
  return memory.evicted + shared.evicted >= Math.max(removed, invalidations)
}

function contradictionOf({ hits, misses, writes }: Judged, workload: Workload | null): string {
  const written = writes.set + writes.create + writes.put + writes.remove
  const reads = hits + misses
  if (workload === null || reads + written < LEAST_READS) return ''
  const ratio = written === 0 ? Number.POSITIVE_INFINITY : reads / written
  const shown = written === 0 ? `${reads} reads and no write` : `${ratio.toFixed(1)} reads a write`
  if (workload === 'write-heavy' && ratio > READS_TO_WRITES['read-heavy']) {
    return `Declared write-heavy, and measured as read-heavy: ${shown}, where write-heavy is below ${READS_TO_WRITES['write-heavy']}.`
  }
  if (workload === 'read-heavy' && ratio < READS_TO_WRITES['write-heavy']) {
    return `Declared read-heavy, and measured as write-heavy: ${shown}, where read-heavy is above ${READS_TO_WRITES['read-heavy']}.`
  }
  return ''
}
