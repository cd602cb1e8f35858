/** Figures of the cache as a whole: tiers, how others are followed, queues, upkeep, health. */

import type { MetricsSnapshot, QueueMetrics } from '../contracts/metrics.ts'
import { type NumberFigure, type Point, point, pointsOf, seconds } from './figure.ts'
import { longest, percentiles } from './pattern-figures.ts'

type Points = NumberFigure['points']
type Value = Point<number | null>

const counter = (name: string, unit: NumberFigure['unit'], help: string, points: Points) =>
  ({ kind: 'counter', name, unit, help, points }) as const satisfies NumberFigure

const gauge = (name: string, unit: NumberFigure['unit'], help: string, points: Points) =>
  ({ kind: 'gauge', name, unit, help, points }) as const satisfies NumberFigure

/** What stands in a part of a snapshot that may be absent. */
const part =
  <P>(of: (snapshot: MetricsSnapshot) => P | null, points: (part: P) => readonly Value[]): Points =>
  (snapshot) => {
    const found = of(snapshot)
    return found === null ? [] : points(found)
  }

const WHOLE: readonly NumberFigure[] = [
  gauge('cache.hit', '1', 'Share of all reads that a tier has answered.', ({ total }) => [
    point(total.hitRate),
  ]),
  gauge('cache.miss', '1', 'Share of all reads that no tier has answered.', ({ total }) => [
    point(total.hitRate === null ? null : 1 - total.hitRate),
  ]),
  gauge('cache.latency', 's', 'Percentiles over all patterns, within 4 %.', ({ total }) =>
    percentiles(total),
  ),
  gauge('cache.longest', 's', 'The longest over all patterns.', ({ total }) => longest(total)),
  gauge('snapshot.timestamp', 's', 'When the figures were taken, since the epoch.', ({ at }) => [
    point(seconds(at)),
  ]),
  gauge('counted', 's', 'How long has been counted.', ({ forMs }) => [point(seconds(forMs))]),
  gauge('other.patterns', '{pattern}', 'Patterns that are counted as `other`.', (snapshot) => [
    point(snapshot.otherPatterns),
  ]),
]

const TIERS: readonly NumberFigure[] = [
  gauge('memory.entries', '{entry}', 'Entries in this process.', ({ memory }) => [
    point(memory.entries),
  ]),
  gauge('memory.size', 'By', 'Estimated size of the entries in this process.', ({ memory }) => [
    point(memory.bytes),
  ]),
  gauge('memory.weight', '{weight}', 'Weight of the entries in this process.', ({ memory }) => [
    point(memory.weight),
  ]),
  gauge('memory.filled', '1', 'Share of the nearest bound that is used.', ({ memory }) => [
    point(memory.filled),
  ]),
  gauge('shared.answering', '{tier}', '1: the shared tier says how full it is.', ({ shared }) => [
    point(shared === null ? 0 : 1),
  ]),
  gauge(
    'shared.entries',
    '{entry}',
    'Entries in the shared tier.',
    part(
      ({ shared }) => shared,
      ({ entries }) => [point(entries)],
    ),
  ),
  gauge(
    'shared.size',
    'By',
    'Memory that the shared tier uses.',
    part(
      ({ shared }) => shared,
      ({ bytes }) => [point(bytes)],
    ),
  ),
  gauge(
    'shared.limit',
    'By',
    'Memory that the shared tier may use; absent where nothing bounds it.',
    part(
      ({ shared }) => shared,
      ({ maxBytes }) => [point(maxBytes)],
    ),
  ),
  gauge(
    'breaker.state',
    '{breaker}',
    '1 for the state that the circuit breaker is in.',
    ({ breakers }) =>
      breakers.flatMap(({ tier, pattern, state }) =>
        ['closed', 'half-open', 'open'].map((one) =>
          point(one === state ? 1 : 0, { tier, pattern, state: one }),
        ),
      ),
  ),
]

type Coherence = NonNullable<MetricsSnapshot['coherence']>
const coherence = (points: (state: Coherence) => readonly Value[]): Points =>
  part((snapshot) => snapshot.coherence, points)

const FOLLOWING: readonly NumberFigure[] = [
  gauge(
    'coherence.shards',
    '{shard}',
    'Shards of the cache.',
    coherence(({ shards }) => [point(shards)]),
  ),
  gauge(
    'coherence.connected',
    '{shard}',
    'Shards whose last beat was sent less than 1 s ago.',
    coherence(({ connected }) => [point(connected)]),
  ),
  gauge(
    'coherence.blind',
    's',
    'Longest time since a beat was answered.',
    coherence(({ blindMs }) => [point(seconds(blindMs))]),
  ),
  counter(
    'coherence.hints',
    '{message}',
    'Messages heard of changes.',
    coherence(({ hints }) => [point(hints)]),
  ),
  counter(
    'coherence.gaps',
    '{change}',
    'Changes that no message has told.',
    coherence(({ gaps }) => [point(gaps)]),
  ),
  counter(
    'coherence.follows',
    '{follow}',
    'Follows that were answered.',
    coherence(({ follows }) => [point(follows)]),
  ),
  counter(
    'coherence.epochs',
    '{epoch}',
    'How often the numbers of a shard began anew.',
    coherence(({ epochs }) => [point(epochs)]),
  ),
  gauge(
    'coherence.delay',
    's',
    'How long changes of others took until they were known here, at most: percentiles of the last 1,000 messages.',
    coherence(({ delayP50Ms, delayP99Ms }) => [
      point(seconds(delayP50Ms), { percentile: '50' }),
      point(seconds(delayP99Ms), { percentile: '99' }),
    ]),
  ),
  counter('invalidations', '{invalidation}', 'Invalidations, by who has made them.', (snapshot) => {
    const { local, external, remote, replayed } = snapshot.invalidations
    return pointsOf({ local, external, remote, replayed }, 'origin')
  }),
  gauge(
    'pending.invalidations',
    '{invalidation}',
    'Not told to the shared tier yet.',
    (snapshot) => [point(snapshot.invalidations.pending)],
  ),
  gauge(
    'recent.invalidations',
    '{invalidation}/s',
    'Invalidations a second, over the last 10 s.',
    (snapshot) => [point(snapshot.invalidations.perSecond)],
  ),
  gauge('invalidation.latency', 's', 'Percentiles of the last 1,000 own ones.', (snapshot) => [
    point(seconds(snapshot.invalidations.p50Ms), { percentile: '50' }),
    point(seconds(snapshot.invalidations.p99Ms), { percentile: '99' }),
  ]),
]

const queues =
  (points: (queue: QueueMetrics) => readonly Value[]): Points =>
  (snapshot) =>
    snapshot.queues.flatMap((queue) =>
      points(queue).map(({ labels, value }) => point(value, { pattern: queue.pattern, ...labels })),
    )

const QUEUES: readonly NumberFigure[] = [
  counter(
    'queue.writes',
    '{write}',
    'Writes that have left a queue or were tried again, by what became of them.',
    queues(({ applied, superseded, retried, dead, lost }) =>
      pointsOf({ applied, superseded, retried, dead, lost }, 'outcome'),
    ),
  ),
  gauge(
    'queue.waiting',
    '{write}',
    'Writes that wait for the source.',
    queues(({ waiting }) => [point(waiting)]),
  ),
  gauge(
    'queue.size',
    'By',
    'Size of the values that wait for the source.',
    queues(({ bytes }) => [point(bytes)]),
  ),
  counter(
    'queue.calls',
    '{call}',
    'Calls of the store with writes that have waited.',
    queues(({ calls, failedCalls }) =>
      pointsOf({ answered: calls - failedCalls, failed: failedCalls }, 'outcome'),
    ),
  ),
  counter(
    'queue.attempts',
    '{write}',
    'Writes in these calls: each try of a write counts.',
    queues(({ attempts }) => [point(attempts)]),
  ),
  gauge(
    'queue.batch',
    '{write}',
    'Writes in the last call of the store.',
    queues(({ batch }) => [point(batch)]),
  ),
  gauge(
    'queue.call.latency',
    's',
    'Percentiles of calls of the store, within 4 %.',
    queues(({ callLatency }) => [
      point(seconds(callLatency.p50Ms), { percentile: '50' }),
      point(seconds(callLatency.p95Ms), { percentile: '95' }),
      point(seconds(callLatency.p99Ms), { percentile: '99' }),
    ]),
  ),
  gauge(
    'queue.oldest',
    's',
    'How long the oldest write has waited.',
    queues(({ oldestMs }) => [point(seconds(oldestMs))]),
  ),
  gauge(
    'queue.away',
    '{queue}',
    '1: the source takes nothing.',
    queues(({ away }) => [point(away ? 1 : 0)]),
  ),
]

type Audit = NonNullable<MetricsSnapshot['audit']>
const audit = (points: (audit: Audit) => readonly Value[]): Points =>
  part((snapshot) => snapshot.audit, points)

type CleanUp = NonNullable<MetricsSnapshot['cleanUp']>
const cleanUp = (points: (cleanUp: CleanUp) => readonly Value[]): Points =>
  part((snapshot) => snapshot.cleanUp, points)

const UPKEEP: readonly NumberFigure[] = [
  gauge(
    'audit.timestamp',
    's',
    'When the last audit was made, since the epoch.',
    audit(({ at }) => [point(seconds(at))]),
  ),
  gauge(
    'audit.sampled',
    '{copy}',
    'Copies that audits have looked at.',
    audit(({ sampled }) => [point(sampled)]),
  ),
  gauge(
    'audit.copies',
    '{copy}',
    'Copies by what audits have found.',
    audit(({ consistent, stale, unsure }) => pointsOf({ consistent, stale, unsure }, 'found')),
  ),
  gauge(
    'audit.nines',
    '{nine}',
    'Consistent copies: 3 for 99.9 %.',
    audit(({ nines }) => [point(nines)]),
  ),
  gauge(
    'cleanup.timestamp',
    's',
    'When the last clean-up ended, since the epoch.',
    cleanUp(({ at }) => [point(seconds(at))]),
  ),
  gauge(
    'cleanup.duration',
    's',
    'How long the last clean-up took.',
    cleanUp(({ durationMs }) => [point(seconds(durationMs))]),
  ),
  gauge(
    'cleanup.removed',
    '{entry}',
    'Entries that the last clean-up has removed since nobody read them.',
    cleanUp(({ removed }) => [point(removed)]),
  ),
  gauge(
    'cleanup.entries',
    '{entry}',
    'Entries before and after the last clean-up.',
    cleanUp(({ before, after }) => pointsOf({ before, after }, 'moment')),
  ),
  gauge(
    'cleanup.failures',
    '{clean-up}',
    'Clean-ups that have failed in a row.',
    cleanUp(({ failuresInARow }) => [point(failuresInARow)]),
  ),
]

const HEALTH: readonly NumberFigure[] = [
  gauge('health.state', '{state}', '1 for the state that the cache is in.', ({ health }) =>
    ['healthy', 'degraded', 'unhealthy'].map((state) =>
      point(state === health.state ? 1 : 0, { state }),
    ),
  ),
  gauge(
    'health.reason.timestamp',
    's',
    'Since when the cache is not healthy, and why.',
    (snapshot) =>
      snapshot.health.reasons.map(({ code, pattern, state, since }) =>
        point(seconds(since), { code, pattern, state }),
      ),
  ),
  gauge('alert.value', '{value}', 'What has crossed its threshold.', ({ alerts }) =>
    alerts.map(({ code, pattern, value }) => point(value, { code, pattern })),
  ),
  gauge('alert.threshold', '{value}', 'The threshold that was crossed.', ({ alerts }) =>
    alerts.map(({ code, pattern, threshold }) => point(threshold, { code, pattern })),
  ),
  gauge('alert.timestamp', 's', 'Since when it is crossed.', ({ alerts }) =>
    alerts.map(({ code, pattern, since }) => point(seconds(since), { code, pattern })),
  ),
]

export const CACHE_FIGURES: readonly NumberFigure[] = [
  ...WHOLE,
  ...TIERS,
  ...FOLLOWING,
  ...QUEUES,
  ...UPKEEP,
  ...HEALTH,
]
