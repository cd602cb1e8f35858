/**
 * Says before an hour begins what will be read in it, and how good it was at that.
 *
 * Reads are counted by key for the hour that is running. When it has ended, the keys that matter
 * keep its count in a row of 168 hours of the week; which keys matter is decided by their reads of
 * some weeks. A forecast weighs several views of that past (`lag-mix.ts`), and is judged by what
 * came (`forecast-judge.ts`); it goes on in the shadow while it is switched off.
 *
 * No clock and no I/O of its own: whoever owns it tells it of reads (`count`), and about once a
 * minute what time it is (`tick`), and does what the answers say.
 */

import type { CacheKey } from '../contracts/source.ts'
import { ForecastJudge, type ForecastScores, type JudgeState } from './forecast-judge.ts'
import { decodeState, encodeState } from './forecast-state.ts'
import { HeavyHitters, type HotKey } from './heavy-hitters.ts'
import { scoreList } from './score-list.ts'
import { type ForecastMoment, WeekViews } from './week-views.ts'

export interface ForecasterOptions {
  /** Loads that one warming may make: a forecast is judged by as many keys. */
  readonly budget: number
  /** Keys whose week is remembered, from 1 to a million. Several times the budget. @default 8192 */
  readonly keys?: number
  /** How long before an hour its forecast is made, in milliseconds. @default 300_000 */
  readonly leadMs?: number
  /** Keys of which fewer reads are expected in the hour are not forecast. @default 0.5 */
  readonly leastReads?: number
  /** What `save` gave in an earlier life of the process. */
  readonly state?: Uint8Array
}

/** Hours are counted from the epoch: hour 0 began with 1970. */
export type ForecastEvent<K> =
  /**
   * What is expected for an hour, the most reads first: more than the budget, since what is fresh
   * need not be loaded. To be warmed if `warm`; otherwise it is made to be judged only.
   */
  | {
      readonly type: 'forecast'
      readonly hour: number
      readonly startsAt: number
      readonly warm: boolean
      readonly keys: readonly HotKey<K>[]
    }
  | { readonly type: 'scored'; readonly hour: number; readonly scores: ForecastScores }
  | { readonly type: 'switched'; readonly on: boolean; readonly judge: JudgeState }

export interface ForecasterStatus extends JudgeState {
  /** The last hour that was learned; `undefined`: none was seen whole. */
  readonly lastHour: number | undefined
  /** Keys whose week is remembered. */
  readonly keys: number
  readonly sizeBytes: number
  /** 1 if the state it was given could not be read, and it has begun anew. */
  readonly undecodable: number
  /** Of the last hour that had a forecast. */
  readonly scores: ForecastScores | undefined
}

const HOUR_MS = 3_600_000
const KEYS = 8192
const LEAD_MS = 5 * 60_000
const LEAST_READS = 0.5
/** A forecast names up to so many times the budget. */
const KEYS_TO_A_LOAD = 4
const STATE_BYTES_MAX = 1_048_576
/** An hour is learned from if it was seen from its beginning on, or nearly. */
const LATE_MS_MAX = 2 * 60_000

/** A forecast that is to be judged: three lists of one length. */
interface Plan<K> {
  readonly hour: number
  readonly forecast: readonly K[]
  readonly lastHour: readonly K[]
  readonly steady: readonly K[]
}

export class Forecaster<K extends CacheKey> {
  readonly #budget: number
  readonly #leadMs: number
  readonly #leastReads: number
  readonly #hourly: HeavyHitters<K>
  readonly #views: WeekViews<K>
  readonly #judge: ForecastJudge
  readonly #undecodable: number
  /** The hour that is being counted, and whether from its beginning on. */
  #hour: number | undefined
  #whole = false
  #nowMs = 0
  #plans: readonly Plan<K>[] = []
  #scores: ForecastScores | undefined

  constructor(options: ForecasterOptions) {
    const { budget, keys = KEYS, leadMs = LEAD_MS, leastReads = LEAST_READS, state } = options
    this.#budget = budget
    this.#leadMs = leadMs
    this.#leastReads = leastReads
    this.#judge = new ForecastJudge()
    this.#hourly = new HeavyHitters<K>({ keys })
    this.#views = new WeekViews<K>(keys)
    this.#undecodable = state === undefined || this.#restore(state) ? 0 : 1
  }

  get status(): ForecasterStatus {
    return {
      ...this.#judge.state,
      lastHour: this.#views.lastHour,
      keys: this.#views.size,
      sizeBytes: this.#hourly.sizeBytes + this.#views.sizeBytes,
      undecodable: this.#undecodable,
      scores: this.#scores,
    }
  }

  /** Counts `reads` reads of `key` in this hour: some 100 ns, so put a `ReadSampler` before it. */
  count(key: K, reads = 1): void {
    this.#hourly.count(key, reads)
  }

  /**
   * Tells the time, in milliseconds since the epoch, and answers what has come of it, in order. What
   * an hour's end and a forecast take is a few milliseconds for each 10,000 keys; else nothing.
   */
  tick(nowMs: number): ForecastEvent<K>[] {
    const hour = Math.floor(nowMs / HOUR_MS)
    if (this.#hour === undefined) {
      this.#hour = hour
      this.#whole = nowMs - hour * HOUR_MS <= LATE_MS_MAX
    }
    // A clock that went back is waited for: what was counted belongs to the later hour.
    if (hour < this.#hour) return []
    const events: ForecastEvent<K>[] = []
    if (hour > this.#hour) {
      const late = nowMs - (this.#hour + 1) * HOUR_MS > LATE_MS_MAX
      events.push(...this.#endHour(this.#hour, this.#whole && !late))
      this.#whole = nowMs - hour * HOUR_MS <= LATE_MS_MAX
      this.#hour = hour
    }
    this.#nowMs = nowMs
    // An hour that has begun without a forecast gets one late rather than never.
    if (this.#needsPlan(hour)) events.push(this.#plan(hour))
    const next = hour + 1
    if (nowMs >= next * HOUR_MS - this.#leadMs && this.#needsPlan(next)) {
      events.push(this.#plan(next))
    }
    return events
  }

  /**
   * What is expected in an hour, now or later, the most reads first. For looking at; nothing is
   * judged by it.
   */
  expected(hour: number, limit: number = this.#budget): HotKey<K>[] {
    const least = this.#leastReads
    return this.#views.expected(this.#moment(hour), { least, limit }).forecast
  }

  /**
   * All that has been learned, in `bytesMax` bytes at most: of the hottest keys, if not of all. Comes
   * in slices of a millisecond or so, with the bytes at the end; in between all may go on.
   *
   * `bytesMax` @default 1_048_576
   */
  save(bytesMax: number = STATE_BYTES_MAX): Generator<undefined, Uint8Array> {
    return encodeState({ judge: this.#judge.state, views: this.#views.save() }, bytesMax)
  }

  #restore(bytes: Uint8Array): boolean {
    const state = decodeState(bytes)
    if (state === undefined || !this.#views.restore(state.views)) return false
    this.#judge.restore(state.judge)
    return true
  }

  #needsPlan(hour: number): boolean {
    return this.#views.knows(hour) && !this.#plans.some((plan) => plan.hour === hour)
  }

  #plan(hour: number): ForecastEvent<K> {
    const limit = KEYS_TO_A_LOAD * this.#budget
    const least = this.#leastReads
    const moment = this.#moment(hour)
    const { forecast, lastHour, steady } = this.#views.expected(moment, { least, limit })
    // Lists of one length, so that what is compared is knowledge and not courage.
    const length = Math.min(this.#budget, forecast.length)
    const plan: Plan<K> = {
      hour,
      forecast: forecast.slice(0, length).map(({ key }) => key),
      lastHour: lastHour.slice(0, length),
      steady: steady.slice(0, length),
    }
    this.#plans = [...this.#plans.filter((other) => other.hour >= hour - 1), plan]
    const { on: warm } = this.#judge.state
    return { type: 'forecast', hour, startsAt: hour * HOUR_MS, warm, keys: forecast }
  }

  /** What is known when a forecast for `hour` is made. */
  #moment(hour: number): ForecastMoment<K> {
    const running = this.#hour ?? Number.NEGATIVE_INFINITY
    // Of an hour that is not seen whole, half might pass for all of it.
    const share = this.#whole ? this.#nowMs / HOUR_MS - running : 0
    return { hour, running, share, counts: this.#hourly }
  }

  #endHour(hour: number, whole: boolean): ForecastEvent<K>[] {
    const events: ForecastEvent<K>[] = []
    const plan = this.#plans.find((each) => each.hour === hour)
    // Of an hour that was not seen whole nothing can be said: what was not counted may have been read.
    if (whole) {
      if (plan !== undefined) events.push(...this.#score(plan))
      this.#views.learn(hour, this.#hourly)
    }
    this.#hourly.clear()
    return events
  }

  #score({ hour, forecast, lastHour, steady }: Plan<K>): ForecastEvent<K>[] {
    const best = this.#hourly.hottest(this.#budget)
    const scores = {
      keys: best.length,
      forecast: scoreList(forecast, best, this.#hourly),
      lastHour: scoreList(lastHour, best, this.#hourly),
      steady: scoreList(steady, best, this.#hourly),
    }
    this.#scores = scores
    const switched = this.#judge.judge(scores)
    const judge = this.#judge.state
    return [
      { type: 'scored', hour, scores },
      ...(switched ? [{ type: 'switched' as const, on: judge.on, judge }] : []),
    ]
  }
}
