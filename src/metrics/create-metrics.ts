/** Counts what a cache tells, judges it, and tells of trouble. Put together by `create-cache.ts`. */

import type { Clock } from '../contracts/clock.ts'
import type { CacheEvent, Report } from '../contracts/events.ts'
import type { Health } from '../contracts/health.ts'
import type { WatchKeys } from '../contracts/key-watch.ts'
import type { MetricsSnapshot } from '../contracts/metrics.ts'
import type { DeclaredPattern, Observed, Observer, Sight } from '../contracts/observer.ts'
import { Alarms, type Raised } from './alarms.ts'
import { Collector } from './collector.ts'
import { type Bounds, measure, type Thresholds } from './measure.ts'
import { MissWatch } from './miss-watch.ts'
import { PatternLearner } from './pattern-learner.ts'
import { Signals } from './signals.ts'
import { snapshotOf } from './snapshot.ts'
import { Upkeep } from './upkeep.ts'
import { watchKeys } from './watch-keys.ts'

export interface MetricsParts {
  readonly cache: string
  readonly instance: string
  readonly clock: Clock
  readonly report: Report
  /** How many patterns are told apart; `undefined`: nothing is counted. */
  readonly patterns: number | undefined
  readonly hasShared: boolean
  readonly bounds: Bounds | undefined
  readonly thresholds: Thresholds
  readonly declared: (pattern: string) => DeclaredPattern | undefined
}

export function createMetrics(parts: MetricsParts): Observer {
  return new Metrics(parts)
}

class Metrics implements Observer {
  readonly keys: WatchKeys | undefined
  readonly #parts: MetricsParts
  readonly #signals = new Signals()
  readonly #alarms = new Alarms()
  readonly #collector: Collector | undefined
  readonly #learner: PatternLearner | undefined
  readonly #upkeep: Upkeep
  readonly #startedAt: number
  #sight: Sight | undefined

  constructor(parts: MetricsParts) {
    const { clock, patterns, declared, hasShared } = parts
    this.#parts = parts
    this.#startedAt = clock.monotonic()
    this.#upkeep = new Upkeep(clock, () => this.#judge())
    const isDeclared = (pattern: string): boolean => declared(pattern) !== undefined
    this.#learner = patterns === undefined ? undefined : new PatternLearner(patterns, isDeclared)
    this.keys = this.#learner && watchKeys(this.#learner, new MissWatch(clock))
    this.#collector =
      patterns === undefined ? undefined : new Collector({ clock, patterns, hasShared, isDeclared })
  }

  hear(event: CacheEvent): void {
    if (event.type === 'alert') return
    const nowMs = this.#parts.clock.monotonic()
    const isSignal = this.#signals.hear(event, nowMs)
    this.#collector?.add(event)
    // Where nothing is counted, only what health goes by is news.
    if (this.#collector !== undefined || isSignal) this.#upkeep.wake()
  }

  get withDeadLetters(): readonly string[] {
    return [...this.#signals.queues].flatMap(([pattern, { dead }]) => (dead > 0 ? [pattern] : []))
  }

  snapshot(usage: Observed): MetricsSnapshot | undefined {
    const { clock, cache, instance, bounds, declared } = this.#parts
    if (this.#collector === undefined) return undefined
    const raised = this.#judged(usage)
    return snapshotOf({
      cache,
      instance,
      at: clock.now(),
      nowMs: clock.monotonic(),
      forMs: clock.monotonic() - this.#startedAt,
      collector: this.#collector,
      signals: this.#signals,
      others: this.#learner?.others ?? 0,
      usage,
      bounds,
      declared,
      health: healthOf(raised),
      alerts: raised.map(({ state: _, ...alert }) => alert),
    })
  }

  health(usage: Observed): Health {
    return healthOf(this.#judged(usage))
  }

  start(sight: Sight): void {
    this.#sight = sight
    if (this.#collector !== undefined) this.#upkeep.wake()
  }

  close(): void {
    this.#upkeep.close()
  }

  #judge(): 'rest' | 'go on' {
    if (this.#sight === undefined) return 'rest'
    this.#sight.tellReads()
    const raised = this.#judged(this.#sight.now())
    return raised.length === 0 && !this.#signals.grows ? 'rest' : 'go on'
  }

  #judged(usage: Observed): readonly Raised[] {
    const { clock, thresholds, bounds, declared, report } = this.#parts
    const collector = this.#collector
    const nowMs = clock.monotonic()
    this.#signals.see(usage.queues, nowMs)
    const measured = measure({
      thresholds,
      bounds,
      signals: this.#signals,
      usage,
      nowMs,
      collector,
      declared,
    })
    for (const event of this.#alarms.judge(measured, clock.now())) report(event)
    return this.#alarms.raised
  }
}

function healthOf(raised: readonly Raised[]): Health {
  const reasons = raised.flatMap(({ state, code, pattern, message, cure, since }) =>
    state === 'healthy' ? [] : [{ code, pattern, state, message, cure, since }],
  )
  reasons.sort((one, other) => Number(isWorse(other)) - Number(isWorse(one)))
  return { state: reasons[0]?.state ?? 'healthy', reasons }
}

function isWorse({ state }: { readonly state: string }): boolean {
  return state === 'unhealthy'
}
