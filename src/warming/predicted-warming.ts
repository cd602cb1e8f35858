/**
 * Warming by forecast: tells a `Forecaster` of the reads of this process and of the time, and has what
 * it expects loaded before the hour begins.
 *
 * Each instance forecasts by its own reads, and loads within its own budget; what several of them
 * expect is loaded by one, whoever gets the lease of the key, and found fresh by the others. One of
 * them an hour keeps what it has learned in the shared tier, where the next start finds it.
 */

import type { Clock } from '../contracts/clock.ts'
import type { Report } from '../contracts/events.ts'
import type { Random } from '../contracts/random.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { PredictPlan, WarmTally, WarmTarget } from '../contracts/warm-target.ts'
import type { Forecast, PastForecast } from '../contracts/warming.ts'
import type { ForecastScores } from './forecast-judge.ts'
import { type ForecastEvent, Forecaster } from './forecaster.ts'
import { LoadAllowance } from './load-allowance.ts'
import { orAborted } from './or-aborted.ts'
import { pause } from './pause.ts'
import { stateOf, textOf } from './state-text.ts'

const HOUR_MS = 3_600_000
/** Between two looks at the time, which may be set meanwhile. */
const LOOK_MS = 60_000
/** Collections and instances end their hours one after the other, not all in one turn. */
const SPREAD_MS = 10_000
/** Keys that are remembered for each that may be loaded: which of them an hour wants differs. */
const REMEMBERED_A_LOAD = 8
const LEAST_REMEMBERED = 1_000
/** Of what is kept in the shared tier: some thousand keys, the hottest. */
const STATE_BYTES = 524_288
const PAST_HOURS = 24

export interface PredictedWarmingParts {
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
  readonly target: WarmTarget
  readonly plan: PredictPlan
  readonly signal: AbortSignal
  /** Carries out one forecast, within the budget of all warming; never rejects. */
  readonly run: (
    keys: Iterable<CacheKey>,
    work: (batch: readonly CacheKey[]) => Promise<WarmTally>,
  ) => Promise<void>
  /** Owns what is under way. */
  readonly own: (work: Promise<void>) => void
}

type Expected = Extract<ForecastEvent<CacheKey>, { type: 'forecast' }>

export class PredictedWarming {
  readonly #parts: PredictedWarmingParts
  /** After the beginning of an hour, and after the time of its forecast. */
  readonly #spreadMs: number
  #forecaster: Forecaster<CacheKey> | undefined
  #past: readonly PastForecast[] = []
  #cancel = (): void => {}
  #running = false

  constructor(parts: PredictedWarmingParts) {
    this.#parts = parts
    const { random, plan, signal } = parts
    this.#spreadMs = random.next() * Math.min(SPREAD_MS, plan.leadMs / 2)
    signal.addEventListener('abort', () => this.#cancel(), { once: true })
    parts.own(this.#begin())
  }

  forecast(limit: number): Forecast<CacheKey> | undefined {
    const forecaster = this.#forecaster
    if (forecaster === undefined) return undefined
    const hour = Math.floor(this.#parts.clock.now() / HOUR_MS) + 1
    const { on, hours, sizeBytes } = forecaster.status
    const expected = forecaster.expected(hour, limit)
    return { startsAt: hour * HOUR_MS, on, expected, hours, past: this.#past, sizeBytes }
  }

  /** Never rejects. What cannot be recalled is asked for again: to begin anew would write over it. */
  async #begin(): Promise<void> {
    const { clock, target, plan, signal } = this.#parts
    let kept: string | undefined
    try {
      await orAborted(signal, target.opened())
      kept = await orAborted(signal, target.recallForecast())
    } catch {
      if (signal.aborted) return
      // The tier tells itself what ails it.
      this.#cancel = clock.schedule(LOOK_MS, () => this.#parts.own(this.#begin()), 'upkeep')
      return
    }
    const forecaster = new Forecaster<CacheKey>({
      budget: plan.keys,
      keys: Math.max(LEAST_REMEMBERED, plan.keys * REMEMBERED_A_LOAD),
      leadMs: plan.leadMs,
      leastReads: plan.leastReads,
      ...(kept === undefined ? {} : { state: stateOf(kept) }),
    })
    this.#forecaster = forecaster
    target.hotKeys?.listen((key, reads) => forecaster.count(key, reads))
    this.#look(forecaster)
  }

  #look(forecaster: Forecaster<CacheKey>): void {
    const { clock, own, signal } = this.#parts
    if (signal.aborted) return
    const learned = forecaster.status.lastHour
    let scored: PastForecast | undefined
    for (const event of forecaster.tick(clock.now())) {
      if (event.type === 'scored') scored = this.#score(event.hour, event.scores)
      else if (event.type === 'forecast') this.#carryOut(event)
      if (event.type !== 'forecast' && scored !== undefined) {
        this.#tell(event.type, scored, forecaster.status.on)
      }
    }
    const { lastHour } = forecaster.status
    if (lastHour !== undefined && lastHour !== learned) own(this.#keep(forecaster, lastHour))
    this.#cancel = clock.schedule(this.#untilLook(), () => this.#look(forecaster), 'upkeep')
  }

  /** The beginning of an hour, and the time of its forecast, are met to the spread. */
  #untilLook(): number {
    const { clock, plan } = this.#parts
    const untilHour = HOUR_MS - ((clock.now() - this.#spreadMs) % HOUR_MS)
    const untilForecast = untilHour - plan.leadMs
    const next = untilForecast > 0 ? untilForecast : untilHour
    return Math.max(1, Math.min(LOOK_MS, Math.ceil(next)))
  }

  #score(hour: number, { forecast, lastHour, steady }: ForecastScores): PastForecast {
    const scored = { startsAt: hour * HOUR_MS, forecast, lastHour, steady }
    this.#past = [scored, ...this.#past].slice(0, PAST_HOURS)
    return scored
  }

  #tell(state: 'scored' | 'switched', scored: PastForecast, on: boolean): void {
    const { report, target } = this.#parts
    report({ type: 'forecast', pattern: target.pattern, state, on, ...scored })
  }

  #carryOut({ warm, startsAt, keys }: Expected): void {
    // One that takes longer than an hour leaves the next one out: both share one budget anyway.
    if (!warm || keys.length === 0 || this.#running) return
    this.#running = true
    this.#parts.own(
      this.#load(startsAt, keys).finally(() => {
        this.#running = false
      }),
    )
  }

  async #load(startsAt: number, expected: Expected['keys']): Promise<void> {
    const { clock, target, plan, signal, run } = this.#parts
    const { ttlMs, leadMs, options } = plan
    const allowance = new LoadAllowance(plan.keys)
    await run(allowance.while(expected), (batch) =>
      allowance.take(batch, (keys) => {
        // Lives until the hour has begun, and on; but nothing is loaded anew of which half is left.
        const untilServed = startsAt - clock.now() + leadMs
        const withinMs = Math.max(0, Math.min(untilServed, ttlMs / 2))
        return target.renew(keys, { withinMs, signal, options })
      }),
    )
  }

  /** A favour to the next start: the tier tells itself what ails it. Never rejects. */
  async #keep(forecaster: Forecaster<CacheKey>, hour: number): Promise<void> {
    const { target, signal } = this.#parts
    try {
      if (!(await orAborted(signal, target.claim(`forecast:${hour}`, HOUR_MS)))) return
      const state = await this.#inSlices(forecaster.save(STATE_BYTES))
      await target.keepForecast(await this.#inSlices(textOf(state)))
    } catch {
      // The next hour keeps it.
    }
  }

  /** With a turn of the event loop between two slices. @throws the reason of the signal */
  async #inSlices<T>(work: Generator<undefined, T>): Promise<T> {
    const { clock, signal } = this.#parts
    for (;;) {
      const { done, value } = work.next()
      if (done === true) return value
      await pause(clock, 0, signal)
      signal.throwIfAborted()
    }
  }
}
