/** What health and alerts go by, each with what a person can do about it. */

import type { Verdict } from '../contracts/metrics.ts'
import type { DeclaredPattern } from '../contracts/observer.ts'
import type { CacheUsage } from '../contracts/usage.ts'
import type { Measured } from './alarms.ts'
import type { Collector } from './collector.ts'
import type { PatternFigures } from './pattern-figures.ts'
import { PLAIN } from './pattern-table.ts'
import { patternVerdict } from './pattern-verdict.ts'
import { ageOf, type Signals } from './signals.ts'

/** As `core/resolve-metrics.ts` gives them; `undefined`: off. */
export interface Thresholds {
  readonly hitRate: number | undefined
  readonly patternHitRate: boolean
  readonly minReads: number
  readonly size: number | undefined
  readonly cleanUpFailures: number | undefined
  readonly queueAgeMs: number | undefined
  readonly deadLetters: number | undefined
}

export interface Bounds {
  readonly entries: number
  readonly bytes: number
  readonly weight: number
}

export interface MeasuredParts {
  readonly thresholds: Thresholds
  /** `undefined`: there is no memory tier. */
  readonly bounds: Bounds | undefined
  readonly signals: Signals
  readonly usage: CacheUsage
  /** On the monotonic clock. */
  readonly nowMs: number
  /** `undefined`: nothing is counted. */
  readonly collector: Collector | undefined
  readonly declared: (pattern: string) => DeclaredPattern | undefined
}

/** A queue that has refused a write counts as full for so long. */
const FULL_MS = 60_000
/** A value that differed is spoken of for so long. */
const DIFFERS_MS = 600_000

export function measure(parts: MeasuredParts): Measured[] {
  return [
    ...sharedTier(parts),
    ...sources(parts),
    ...queues(parts),
    ...hitRates(parts),
    ...sizes(parts),
    ...upkeep(parts),
  ]
}

function standing(
  one: Pick<Measured, 'code' | 'pattern' | 'state' | 'message' | 'cure'>,
): Measured {
  return { ...one, value: 1, threshold: 1, when: 'above' }
}

function* sharedTier({ signals }: MeasuredParts): Generator<Measured> {
  if (signals.away !== undefined) {
    yield standing({
      code: 'shared-away',
      pattern: PLAIN,
      state: 'degraded',
      message: `The shared tier does not answer: ${signals.away}.`,
      cure: 'Look at what it stands on: a server and the network to it, or a file, its folder and its disk; `tier-failure` events tell which, and `tiercel doctor` names what it finds. Reads go to this process and the source meanwhile.',
    })
  }
  if (signals.blind !== undefined) {
    yield standing({
      code: 'shared-blind',
      pattern: PLAIN,
      state: 'degraded',
      message: `Changes of other instances do not reach this one: ${signals.blind}.`,
      cure: 'Look at the shared tier: its server and the network to it, or its file. Copies are served as `coherence.whenBlind` says meanwhile.',
    })
  }
}

function* sources({ signals }: MeasuredParts): Generator<Measured> {
  const away = new Set<string>()
  for (const { tier, state, pattern } of signals.breakers.values()) {
    if (tier === 'source' && state !== 'closed') away.add(pattern)
  }
  for (const [pattern, queue] of signals.queues) if (queue.away) away.add(pattern)
  for (const pattern of away) {
    yield standing({
      code: 'source-away',
      pattern,
      state: 'unhealthy',
      message: `The source of ${pattern} fails: what is not cached cannot be read, and what waits is not written.`,
      cure: 'Look at the database behind it. Calls begin again by themselves as soon as one succeeds.',
    })
  }
}

function* queues({ signals, thresholds, nowMs }: MeasuredParts): Generator<Measured> {
  const { queueAgeMs, deadLetters } = thresholds
  for (const [pattern, queue] of signals.queues) {
    if (queueAgeMs !== undefined) {
      const ageMs = ageOf(queue, nowMs)
      yield {
        code: 'queue-age',
        pattern,
        value: ageMs,
        threshold: queueAgeMs,
        when: 'above',
        state: 'degraded',
        message: `The oldest write of ${pattern} that waits is ${seconds(ageMs)} old, against ${seconds(queueAgeMs)}; ${queue.waiting} wait.`,
        cure: 'Look at whether the store answers and is fast enough; raise `behind.batch` if it is.',
      }
    }
    if (deadLetters !== undefined) {
      yield {
        code: 'dead-letters',
        pattern,
        value: queue.dead,
        threshold: Math.max(1, deadLetters),
        when: 'above',
        state: 'degraded',
        message: `${queue.dead} writes of ${pattern} were given up, against ${deadLetters}.`,
        cure: 'Look at why with `tiercel dead-letters`, mend it, and retry or drop them.',
      }
    }
    if (nowMs - queue.fullAt < FULL_MS) {
      yield standing({
        code: 'queue-full',
        pattern,
        state: 'unhealthy',
        message: `The queue of ${pattern} has refused writes within the last minute, as it is full.`,
        cure: 'Look at whether the store answers; raise `behind.records` and `behind.bytes`, or declare `whenFull: through`.',
      })
    }
  }
}

function* hitRates(parts: MeasuredParts): Generator<Measured> {
  const { thresholds, collector, declared, nowMs } = parts
  if (collector === undefined) return
  const { total, patterns } = collector
  const verdictOf = (figures: PatternFigures): Verdict =>
    patternVerdict(figures, collector, declared)
  const { hitRate, patternHitRate, minReads } = thresholds
  const judge = (figures: PatternFigures, threshold: number, name: string): Measured[] => {
    const { hits, misses } = figures.recent.of(nowMs)
    const reads = hits + misses
    if (reads === 0 || reads < minReads) return []
    const rate = hits / reads
    const advice = rate < threshold ? verdictOf(figures).advice : ''
    return [
      {
        code: 'hit-rate',
        pattern: figures.pattern,
        value: rate,
        threshold,
        when: 'below',
        state: 'degraded',
        message: `The hit rate of ${name} was ${percent(rate)} in the last five minutes (${reads} reads), against ${percent(threshold)}.`,
        cure: advice || 'Look at the verdicts of the patterns that are read most.',
      },
    ]
  }
  if (hitRate !== undefined) yield* judge(total, hitRate, 'the whole cache')
  if (!patternHitRate) return
  for (const figures of patterns) {
    yield* judge(figures, verdictOf(figures).range.fair, figures.pattern)
  }
}

function* sizes({ thresholds, bounds, usage, collector }: MeasuredParts): Generator<Measured> {
  const { size } = thresholds
  if (size === undefined) return
  const filled = filledOf(bounds, usage)
  if (filled !== null) {
    // A full tier is as it should be, as long as what leaves it is not missed.
    const total = collector?.total
    const evicted = total?.counts.removals.memory.evicted ?? 0
    const costs = total !== undefined && evicted > total.reads / 10
    yield {
      code: 'memory-full',
      pattern: PLAIN,
      value: filled,
      threshold: size,
      when: 'above',
      state: costs ? 'degraded' : 'healthy',
      message: `The tier in this process is ${percent(filled)} full, against ${percent(size)}; ${evicted} entries were evicted.`,
      cure: 'Raise the bounds of `memory`, if verdicts name evictions as a cause; else nothing is to be done.',
    }
  }
  const { shared } = usage
  if (shared === undefined || !Number.isFinite(shared.maxBytes) || shared.maxBytes <= 0) return
  const share = shared.bytes / shared.maxBytes
  yield {
    code: 'shared-full',
    pattern: PLAIN,
    value: share,
    threshold: size,
    when: 'above',
    state: 'degraded',
    message: `The shared tier is ${percent(share)} full, against ${percent(size)}.`,
    cure: 'Give it more memory, shorten `ttl`, or let entries leave that nobody reads (`idle`).',
  }
}

function* upkeep({ thresholds, signals, nowMs }: MeasuredParts): Generator<Measured> {
  const { cleanUpFailures } = thresholds
  if (cleanUpFailures !== undefined) {
    yield {
      code: 'clean-up-failing',
      pattern: PLAIN,
      value: signals.cleanUpFailures,
      threshold: Math.max(1, cleanUpFailures),
      when: 'above',
      state: 'degraded',
      message: `${signals.cleanUpFailures} clean-ups in a row have failed, against ${cleanUpFailures}.`,
      cure: 'Look at whether the shared tier answers, and at the warnings in the log; then `cache.cleanUp()`.',
    }
  }
  if (signals.staleCopies > 0) {
    yield standing({
      code: 'stale-copies',
      pattern: PLAIN,
      state: 'degraded',
      message: `The last audit found ${signals.staleCopies} copies that were stale for longer than allowed.`,
      cure: 'Look for writers that change the source without telling the cache: `onExternalChange`, or an outbox.',
    })
  }
  for (const [pattern, { different, heardAt }] of signals.shadow) {
    if (nowMs - heardAt > DIFFERS_MS) continue
    yield standing({
      code: 'shadow-differs',
      pattern,
      state: 'degraded',
      message: `${different} cached values of ${pattern} were not what its loader answers.`,
      cure: 'Look for changes of the source that do not invalidate, and for loaders that answer differently each time.',
    })
  }
}

/** Share of the nearest bound that is used; `null`: none bounds it. */
export function filledOf(bounds: Bounds | undefined, { memory }: CacheUsage): number | null {
  if (bounds === undefined) return null
  const shares = [
    memory.entries / bounds.entries,
    memory.bytes / bounds.bytes,
    memory.weight / bounds.weight,
  ]
  return Math.max(...shares)
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}
