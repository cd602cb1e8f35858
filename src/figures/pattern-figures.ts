/** Figures of each pattern, with the label `pattern`. */

import type { LatencySeries, PatternMetrics } from '../contracts/metrics.ts'
import { type PatternFigure, type Point, point, pointsOf, seconds } from './figure.ts'

type Of = PatternFigure['of']

const counter = (name: string, unit: PatternFigure['unit'], help: string, of: Of) =>
  ({ kind: 'counter', name, unit, help, of }) as const satisfies PatternFigure

const gauge = (name: string, unit: PatternFigure['unit'], help: string, of: Of) =>
  ({ kind: 'gauge', name, unit, help, of }) as const satisfies PatternFigure

const READS: readonly PatternFigure[] = [
  counter('hits', '{read}', 'Reads that a tier of the cache has answered.', ({ hits }) => [
    point(hits),
  ]),
  counter('misses', '{read}', 'Reads that no tier of the cache had an answer to.', (of) => [
    point(of.misses),
  ]),
  counter('tier.hits', '{read}', 'Reads that the tier has answered.', ({ memory, shared }) =>
    pointsOf({ memory: memory.hits, shared: shared.hits }, 'tier'),
  ),
  counter('tier.misses', '{read}', 'Reads that the tier had no answer to.', ({ memory, shared }) =>
    pointsOf({ memory: memory.misses, shared: shared.misses }, 'tier'),
  ),
  counter('tier.errors', '{call}', 'Calls that the tier did not answer.', ({ memory, shared }) =>
    pointsOf({ memory: memory.errors, shared: shared.errors }, 'tier'),
  ),
  counter('stale', '{read}', 'Reads answered past their freshness, inside their grace.', (of) => [
    point(of.stale),
  ]),
  counter('unanswered', '{read}', 'Reads that got an error, by what the load was.', (of) =>
    pointsOf(of.unanswered, 'load'),
  ),
]

const CHANGES: readonly PatternFigure[] = [
  counter('loads', '{load}', 'Loads of the source, by what came of them.', ({ loads }) => {
    const { loaded, absent, uncached, failed, fenced } = loads
    return pointsOf({ loaded, absent, uncached, failed, fenced }, 'outcome')
  }),
  counter('planned.loads', '{load}', 'Of the loads, those no miss has asked for.', ({ loads }) => {
    const { refresh, ahead, warming } = loads
    return pointsOf({ refresh, ahead, warming }, 'reason')
  }),
  counter('writes', '{value}', 'Values that were written.', ({ writes }) => {
    const { set, create, put, remove } = writes
    return pointsOf({ set, create, put, remove }, 'kind')
  }),
  counter('write.failures', '{value}', 'Values that could not be written.', ({ writes }) => [
    point(writes.failed),
  ]),
  counter(
    'pattern.invalidations',
    '{invalidation}',
    'Invalidations that name the pattern.',
    (of) => [point(of.invalidations)],
  ),
  counter('removals', '{entry}', 'Entries that left a tier, by cause.', ({ removals }) => [
    ...pointsOf(removals.memory, 'cause', { tier: 'memory' }),
    ...pointsOf(removals.shared, 'cause', { tier: 'shared' }),
  ]),
  counter('undecodable', '{entry}', 'Entries of the shared tier that could not be read.', (of) => [
    point(of.undecodable),
  ]),
  counter('compression.input', 'By', 'Bytes of values before compression.', ({ compression }) => [
    point(compression.bytesBefore),
  ]),
  counter('compression.output', 'By', 'Bytes of values after compression.', ({ compression }) => [
    point(compression.bytesAfter),
  ]),
  counter('compression.duration', 's', 'Time that compression took.', ({ compression }) => [
    point(compression.durationMs / 1000),
  ]),
  counter(
    'shadow.comparisons',
    '{comparison}',
    'Hits compared with the source, by outcome.',
    (of) => {
      const { same, different, failed } = of.shadow
      return pointsOf({ same, different, failed }, 'outcome')
    },
  ),
]

const JUDGED: readonly PatternFigure[] = [
  gauge('pattern.hit', '1', 'Share of reads that a tier has answered.', ({ hitRate }) => [
    point(hitRate),
  ]),
  gauge('pattern.miss', '1', 'Share of reads that no tier has answered.', ({ hitRate }) => [
    point(hitRate === null ? null : 1 - hitRate),
  ]),
  gauge('pattern.bound', '1', 'Hit rate from which the grade is given.', ({ verdict }) => {
    const { excellent, good, fair } = verdict.range
    return pointsOf({ excellent, good, fair }, 'grade')
  }),
  gauge('pattern.verdict', '{verdict}', 'Always 1: how the hit rate is judged, and why.', (of) => [
    point(1, {
      workload: of.workload ?? 'none',
      grade: of.verdict.grade,
      cause: of.verdict.cause ?? 'none',
    }),
  ]),
  gauge(
    'pattern.contradiction',
    '{verdict}',
    '1: reads and writes contradict the workload.',
    (of) => [point(of.verdict.contradiction === '' ? 0 : 1)],
  ),
]

export const percentiles = ({ latency }: Pick<PatternMetrics, 'latency'>): Point<number | null>[] =>
  latency.flatMap(({ operation, tier, p50Ms, p95Ms, p99Ms }: LatencySeries) =>
    [['50', p50Ms] as const, ['95', p95Ms] as const, ['99', p99Ms] as const].map(
      ([percentile, ms]) => point(seconds(ms), { operation, tier, percentile }),
    ),
  )

export const longest = ({ latency }: Pick<PatternMetrics, 'latency'>): Point<number | null>[] =>
  latency.map(({ operation, tier, maxMs }) => point(seconds(maxMs), { operation, tier }))

export const PATTERN_FIGURES: readonly PatternFigure[] = [
  ...READS,
  ...CHANGES,
  ...JUDGED,
  gauge('pattern.latency', 's', 'Percentiles, within 4 %, since the cache was made.', percentiles),
  gauge('pattern.longest', 's', 'The longest since the cache was made.', longest),
]
