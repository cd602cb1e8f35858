/** Puts warming together: the budget, a pace for each source, and what each collection has planned. */

import type { Clock } from '../contracts/clock.ts'
import type { Report, WarmingEvent } from '../contracts/events.ts'
import type { Random } from '../contracts/random.ts'
import type { CacheKey } from '../contracts/source.ts'
import type {
  HotPlan,
  PredictPlan,
  SchedulePlan,
  StartPlan,
  WarmItem,
  Warming,
  WarmJob,
  WarmPlan,
  WarmTarget,
} from '../contracts/warm-target.ts'
import type { Forecast, WarmItems, WarmOptions, WarmReport } from '../contracts/warming.ts'
import { eitherOf } from './either-signal.ts'
import { type CarryOut, HotRenewal } from './hot-renewal.ts'
import { MOST_HOTTEST, rememberHottest } from './hottest-keys.ts'
import { asItems, keyOf } from './item-batches.ts'
import { orAborted } from './or-aborted.ts'
import { PredictedWarming } from './predicted-warming.ts'
import { repeat } from './repeated-work.ts'
import { SourcePace } from './source-pace.ts'
import { runWarming } from './warm-run.ts'
import { WarmSchedule } from './warm-schedule.ts'
import { WarmingBudget } from './warming-budget.ts'

/** Between two times at which the hottest keys are kept for the next start. */
const REMEMBER_MS = 300_000

export interface WarmingParts {
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
  readonly concurrency: number
  readonly perSecond: number
  readonly yieldAt: number
  readonly restAt: number
}

export function createWarming(parts: WarmingParts): Warming {
  return new WarmingRoom(parts)
}

class WarmingRoom implements Warming {
  readonly #parts: WarmingParts
  readonly #budget: WarmingBudget
  readonly #closing = new AbortController()
  readonly #paces = new Map<WarmTarget, SourcePace>()
  readonly #running = new Set<Promise<void>>()
  /** Of starts that readiness waits for; all fulfil. */
  readonly #starts: Promise<void>[] = []
  readonly #remembering: WarmTarget[] = []
  readonly #predicted = new Map<WarmTarget, PredictedWarming>()
  readonly #plans = new Map<WarmTarget, Pick<WarmPlan, 'start' | 'schedule'>>()
  /** What was asked for by hand and has not ended. */
  readonly #again = new Map<WarmTarget, Promise<WarmReport>>()

  constructor(parts: WarmingParts) {
    this.#parts = parts
    this.#budget = new WarmingBudget(parts)
  }

  add(target: WarmTarget, { start, schedule, hot, predict }: WarmPlan): void {
    this.#plans.set(target, { start, schedule })
    for (const [index, plan] of schedule.entries()) this.#schedule(target, plan, index)
    if (hot !== undefined) this.#keepHot(target, hot)
    if (predict !== undefined) this.#predict(target, predict)
    if (start === undefined) return
    if (start.from === 'hottest') this.#remember(target)
    const started = this.#own(this.#start(target, start))
    if (start.blocksReady) this.#starts.push(started)
  }

  async warm(
    target: WarmTarget,
    items: WarmItems<CacheKey, unknown>,
    { load = 'missing', signal, ...options }: WarmOptions,
  ): Promise<WarmReport> {
    const closing = this.#closing.signal
    const { signal: ended, release } = eitherOf(closing, signal)
    const job = { load, options, signal: ended, mark: await target.mark() }
    const work = this.#run(target, {
      reason: 'call',
      items: items as Iterable<WarmItem>,
      signal: ended,
      work: (batch) => target.warm(batch, job),
    })
    void this.#own(work.then(release, release))
    return await work
  }

  forecast(target: WarmTarget, limit: number): Forecast<CacheKey> | undefined {
    return this.#predicted.get(target)?.forecast(limit)
  }

  async ready(): Promise<void> {
    await Promise.all(this.#starts)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The cache was closed.'))
    await Promise.all(this.#running)
    await Promise.all(this.#remembering.map((target) => rememberHottest(target).catch(() => {})))
  }

  async #start(target: WarmTarget, { from, options }: StartPlan): Promise<void> {
    const { signal } = this.#closing
    await this.#told(target, 'start', async () => {
      await orAborted(signal, target.opened())
      const ask = (): unknown => (from === 'hottest' ? hottest(target) : from({ signal }))
      await this.#carryOut(target, { reason: 'start', load: 'missing', options, ask })
    })
  }

  /** One query, and all that it names. */
  async #carryOut(
    target: WarmTarget,
    what: Pick<WarmJob, 'load' | 'options'> & {
      readonly reason: WarmingEvent['reason']
      readonly ask: () => unknown
    },
  ): Promise<WarmReport> {
    const { reason, load, options, ask } = what
    const { signal } = this.#closing
    // Before it is asked: what changes from then on is newer than what it answers.
    const mark = await target.mark()
    const items = await orAborted<unknown>(signal, ask())
    const job = { load, options, signal, mark }
    const work = (batch: readonly WarmItem[]) => target.warm(batch, job)
    return await this.#run(target, { reason, items: asItems(items), signal, work })
  }

  again(target: WarmTarget): Promise<WarmReport> {
    const running = this.#again.get(target)
    if (running !== undefined) return running
    const work = this.#carryOutAll(target).finally(() => this.#again.delete(target))
    this.#again.set(target, work)
    const over = work.then(
      () => {},
      () => {},
    )
    void this.#own(over)
    return work
  }

  /** One after the other: they share a source. */
  async #carryOutAll(target: WarmTarget): Promise<WarmReport> {
    const { signal } = this.#closing
    const { start, schedule = [] } = this.#plans.get(target) ?? {}
    const reason = 'call'
    const reports: WarmReport[] = []
    if (start !== undefined) {
      const { from, options } = start
      const ask = (): unknown => (from === 'hottest' ? hottest(target) : from({ signal }))
      reports.push(await this.#carryOut(target, { reason, load: 'missing', options, ask }))
    }
    for (const { from, options } of schedule) {
      const ask = (): unknown => (from === 'cached' ? target.cached(signal) : from({ signal }))
      reports.push(await this.#carryOut(target, { reason, load: 'all', options, ask }))
    }
    return sumOf(reports)
  }

  #schedule(target: WarmTarget, { at, from, options }: SchedulePlan, index: number): void {
    const { clock } = this.#parts
    const { signal } = this.#closing
    new WarmSchedule({
      clock,
      target,
      at,
      signal,
      name: String(index),
      own: (work) => void this.#own(work),
      missed: (ticks, error) =>
        this.#tell(target, { reason: 'schedule', state: 'missed', ticks, error }),
      run: () =>
        this.#told(target, 'schedule', async () => {
          const ask = (): unknown => (from === 'cached' ? target.cached(signal) : from({ signal }))
          await this.#carryOut(target, { reason: 'schedule', load: 'all', options, ask })
        }),
    })
  }

  #keepHot(target: WarmTarget, plan: HotPlan): void {
    const { clock, random } = this.#parts
    const { signal } = this.#closing
    const carryOut: CarryOut = (items, withinMs) => {
      const work = (batch: readonly WarmItem[]) =>
        target.renew(batch.map(keyOf), { withinMs, signal })
      return this.#run(target, { reason: 'hot', items, signal, work, told: 'changes' })
    }
    new HotRenewal({
      clock,
      random,
      target,
      plan,
      signal,
      own: (work) => void this.#own(work),
      run: (look) => this.#told(target, 'hot', () => look(carryOut)),
    })
  }

  #predict(target: WarmTarget, plan: PredictPlan): void {
    const { clock, random, report } = this.#parts
    const { signal } = this.#closing
    const predicted = new PredictedWarming({
      clock,
      random,
      report,
      target,
      plan,
      signal,
      own: (work) => void this.#own(work),
      run: (items, take) =>
        this.#told(target, 'forecast', async () => {
          const work = (batch: readonly WarmItem[]) => take(batch.map(keyOf))
          await this.#run(target, { reason: 'forecast', items, signal, work })
        }),
    })
    this.#predicted.set(target, predicted)
  }

  #remember(target: WarmTarget): void {
    const { clock, random } = this.#parts
    this.#remembering.push(target)
    repeat({
      clock,
      random,
      everyMs: REMEMBER_MS,
      signal: this.#closing.signal,
      own: (work) => void this.#own(work),
      // What is kept is a favour to the next start; the tier tells itself what ails it.
      work: () => rememberHottest(target).catch(() => {}),
    })
  }

  #run(target: WarmTarget, options: Parameters<typeof runWarming>[1]): Promise<WarmReport> {
    const { clock, report } = this.#parts
    const pace = this.#paceOf(target)
    return runWarming({ clock, report, budget: this.#budget, pace, target }, options)
  }

  /** One for each source, however many warmings it has. */
  #paceOf(target: WarmTarget): SourcePace {
    const known = this.#paces.get(target)
    if (known !== undefined) return known
    const pace = new SourcePace({ ...this.#parts, pressure: target.pressure })
    this.#paces.set(target, pace)
    return pace
  }

  /** Tells that a query has failed, before a run has begun or in it. Never rejects. */
  async #told(
    target: WarmTarget,
    reason: WarmingEvent['reason'],
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#closing.signal.aborted) return
      this.#tell(target, { reason, state: 'failed', ticks: 0, error })
    }
  }

  /** Fulfils when the work has ended, of which `close` waits for all. */
  #own(work: Promise<void>): Promise<void> {
    this.#running.add(work)
    void work.finally(() => this.#running.delete(work))
    return work
  }

  #tell(
    { pattern }: WarmTarget,
    what: Pick<WarmingEvent, 'reason' | 'state' | 'ticks' | 'error'>,
  ): void {
    const none = { loaded: 0, fresh: 0, absent: 0, failed: 0, expected: undefined, elapsedMs: 0 }
    this.#parts.report({ type: 'warming', pattern, ...none, ...what })
  }
}

function sumOf(reports: readonly WarmReport[]): WarmReport {
  const sum = (count: (report: WarmReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0)
  return {
    outcome: reports.every(({ outcome }) => outcome === 'done') ? 'done' : 'cancelled',
    loaded: sum(({ loaded }) => loaded),
    fresh: sum(({ fresh }) => fresh),
    absent: sum(({ absent }) => absent),
    failed: sum(({ failed }) => failed),
    durationMs: sum(({ durationMs }) => durationMs),
  }
}

async function hottest(target: WarmTarget): Promise<readonly CacheKey[]> {
  return (await target.recall()).slice(0, MOST_HOTTEST).map(({ key }) => key)
}
