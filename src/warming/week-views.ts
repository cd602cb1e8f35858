/**
 * The past of the keys that matter, and what it says about an hour to come.
 *
 * Which keys matter is decided by their reads of the last weeks, aged (`HeavyHitters`); each of them
 * has a row of its week (`WeekRows`). Called by `forecaster.ts`.
 */

import type { CacheKey } from '../contracts/source.ts'
import { HeavyHitters, type HotKey } from './heavy-hitters.ts'
import { LagMix } from './lag-mix.ts'
import { rankedPlaces } from './ranked-places.ts'
import { HOURS_A_WEEK, WeekRows } from './week-rows.ts'

/** When a forecast is made. */
export interface ForecastMoment<K extends CacheKey> {
  readonly hour: number
  /** The hour that is running, and how much of it has passed, from 0 to 1. */
  readonly running: number
  readonly share: number
  /** What was read in it so far. */
  readonly counts: HeavyHitters<K>
}

export interface ExpectedKeys<K> {
  readonly forecast: HotKey<K>[]
  readonly lastHour: K[]
  readonly steady: K[]
}

/** What survives a restart. */
export interface SavedViews {
  readonly lastHour: number
  readonly firstHour: number
  readonly hoursWeighed: number
  readonly mix: Float64Array
  /** Made one by one, the key that matters most first. */
  readonly rows: Iterable<SavedRow>
}

export interface SavedRow {
  readonly key: CacheKey
  /** Aged, as they are weighed in `HeavyHitters`. */
  readonly reads: number
  readonly since: number
  /** Of the 168 hours up to `lastHour`, in order, as `WeekRows` holds them. Good until the next row. */
  readonly cells: Uint16Array
}

/** The same hour of the seven days before. */
const DAYS = [24, 48, 72, 96, 120, 144, 168]
/** Views: the last hour, the one before, the usual, and the days. */
const LAST = 0
const BEFORE_LAST = 1
const USUAL = 2
const FIRST_DAY = 3
const VIEWS = FIRST_DAY + DAYS.length
const HOUR_MS = 3_600_000
/** How long reads count for whether a key matters. */
const MEMORY_MS = HOURS_A_WEEK * HOUR_MS
/** More keys than these say nothing more about the weights. */
const LEARNED_KEYS = 4096

export class WeekViews<K extends CacheKey> {
  readonly #keys: number
  readonly #mattering: HeavyHitters<K>
  readonly #rows: WeekRows<K>
  readonly #mix = new LagMix(VIEWS)
  readonly #views = new Float64Array(VIEWS)
  /** The last hour that was learned, and the first one. */
  #lastHour: number | undefined
  #firstHour = 0
  /** Since when no hour was missed: what the columns of the rows are about. */
  #runBegan = 0
  /** Hours aged as reads are, so that reads by hours are the usual reads of an hour. */
  #hoursWeighed = 0

  constructor(keys: number) {
    this.#keys = keys
    this.#mattering = new HeavyHitters<K>({ keys, spanMs: MEMORY_MS })
    this.#rows = new WeekRows<K>(keys)
  }

  get size(): number {
    return this.#rows.size
  }

  /** That was learned. */
  get lastHour(): number | undefined {
    return this.#lastHour
  }

  get sizeBytes(): number {
    return this.#mattering.sizeBytes + this.#rows.sizeBytes
  }

  /** Whether there is any past for a forecast of `hour`. */
  knows(hour: number): boolean {
    return this.#lastHour !== undefined && hour > this.#lastHour
  }

  /** The keys expected `least` times or more, and two lists that know nothing of the hour. */
  expected(
    moment: ForecastMoment<K>,
    { least, limit }: { readonly least: number; readonly limit: number },
  ): ExpectedKeys<K> {
    const { counts, share } = moment
    // Half an hour of reads counts as an hour of it; less tells too little.
    const fresh = moment.hour === moment.running + 1 && share >= 0.5
    const weights = this.#weights(moment, fresh)
    const keys: K[] = []
    const room = this.#rows.size + (fresh ? counts.size : 0)
    const expected = new Float32Array(room)
    const last = new Float32Array(room)
    const usual = new Float32Array(room)
    const add = (key: K): void => {
      const views = this.#views
      let root = 0
      for (let view = 0; view < VIEWS; view += 1) {
        root += (views[view] as number) * (weights[view] as number)
      }
      expected[keys.length] = root * root
      last[keys.length] = views[LAST] as number
      usual[keys.length] = views[USUAL] as number
      keys.push(key)
    }
    for (const [key, place] of this.#rows.entries()) {
      this.#look(key, place, moment.hour)
      if (fresh) {
        this.#views[BEFORE_LAST] = this.#views[LAST] as number
        this.#views[LAST] = Math.sqrt(counts.reads(key) / share)
      }
      add(key)
    }
    if (fresh) {
      this.#views.fill(0)
      counts.forEach((key, reads) => {
        if (this.#rows.place(key) !== undefined) return
        this.#views[LAST] = Math.sqrt(reads / share)
        add(key)
      })
    }
    const named = (places: Uint32Array): K[] => Array.from(places, (at) => keys[at] as K)
    const likely = rankedPlaces(expected, limit, least)
    return {
      forecast: Array.from(likely, (at) => ({ key: keys[at] as K, reads: expected[at] as number })),
      lastHour: named(rankedPlaces(last, limit, Number.MIN_VALUE)),
      steady: named(rankedPlaces(usual, limit, Number.MIN_VALUE)),
    }
  }

  /** Learns what was read in `hour`, which has ended. Hours come in order; some may be missing. */
  learn(hour: number, counts: HeavyHitters<K>): void {
    if (this.#learnWeights(hour, counts, 1)) this.#mix.endHour()
    if (this.#lastHour === undefined) this.#firstHour = hour
    if (this.#lastHour !== hour - 1) this.#runBegan = hour
    this.#mattering.age(hour * HOUR_MS)
    const passed = this.#lastHour === undefined ? 1 : hour - this.#lastHour
    this.#hoursWeighed = this.#hoursWeighed * Math.exp(-passed / HOURS_A_WEEK) + 1
    counts.forEach((key, reads) => {
      this.#mattering.count(key, reads)
    })
    // Of hours that were missed nothing is known; the last hour is none of long ago.
    for (let turns = Math.min(2, passed); turns > 0; turns -= 1) this.#rows.turn()
    this.#followMattering(hour)
    for (const [key, place] of this.#rows.entries()) {
      this.#rows.record(place, hour, Math.sqrt(counts.reads(key)))
    }
    this.#lastHour = hour
  }

  save(): SavedViews {
    const lastHour = this.#lastHour ?? 0
    return {
      lastHour,
      firstHour: this.#firstHour,
      hoursWeighed: this.#hoursWeighed,
      mix: this.#mix.save(),
      rows: this.#saveRows(lastHour),
    }
  }

  /** Answers whether the state made sense. To be called once, before anything else. */
  restore({ lastHour, firstHour, hoursWeighed, mix, rows }: SavedViews): boolean {
    if (mix.length !== VIEWS * (VIEWS + 1)) return false
    this.#mix.restore(mix)
    this.#lastHour = lastHour
    this.#firstHour = firstHour
    this.#runBegan = lastHour + 1
    this.#hoursWeighed = hoursWeighed
    this.#mattering.age(lastHour * HOUR_MS)
    for (const { key, reads, since, cells } of rows) {
      if (this.#rows.size >= this.#keys) break
      this.#mattering.count(key as K, reads)
      const place = this.#rows.open(key as K, since)
      if (place !== undefined) this.#rows.restoreWeek(place, lastHour, cells)
    }
    return true
  }

  *#saveRows(lastHour: number): Generator<SavedRow> {
    const week = new Uint16Array(HOURS_A_WEEK)
    for (const { key, reads } of this.#mattering.hottest()) {
      const place = this.#rows.place(key)
      if (place === undefined) continue
      const cells = this.#rows.week(place, lastHour, week)
      yield { key, reads, since: this.#rows.since(place), cells }
    }
  }

  /** Rows for the keys that matter now, and for no others. */
  #followMattering(hour: number): void {
    for (const [key] of this.#rows.entries()) {
      if (!this.#mattering.has(key)) this.#rows.close(key)
    }
    this.#mattering.forEach((key) => {
      if (this.#rows.place(key) === undefined) this.#rows.open(key, hour)
    })
  }

  /** With the running hour, as far as it has come: what a Saturday is like shows on its morning. */
  #weights({ hour, running, share, counts }: ForecastMoment<K>, fresh: boolean): Float64Array {
    if (fresh) this.#learnWeights(running, counts, share)
    const weights = this.#mix.weights(this.#usable(hour, fresh ? running : undefined))
    this.#mix.forgetHour()
    return weights
  }

  /** Learns from `share` of an hour; answers whether that was possible. */
  #learnWeights(hour: number, counts: HeavyHitters<K>, share: number): boolean {
    // Without the hour before, the most telling view would be missing and the others would get its weight.
    if (this.#lastHour !== hour - 1 || this.#lastHour < this.#runBegan) return false
    const step = Math.ceil(this.#rows.size / LEARNED_KEYS)
    let at = hour
    for (const [key, place] of this.#rows.entries()) {
      at += 1
      if (at % step !== 0) continue
      this.#look(key, place, hour)
      this.#mix.learn(this.#views, Math.sqrt(counts.reads(key) / share))
    }
    return true
  }

  /** Puts what is known of a key, for a forecast of `hour`, into `#views`. */
  #look(key: K, place: number, hour: number): void {
    const views = this.#views
    views[LAST] = this.#rows.last(place)
    views[BEFORE_LAST] = this.#rows.beforeLast(place)
    views[USUAL] = Math.sqrt(this.#mattering.reads(key) / this.#hoursWeighed)
    for (let day = 0; day < DAYS.length; day += 1) {
      const hourThen = hour - (DAYS[day] as number)
      views[FIRST_DAY + day] = hourThen < this.#firstHour ? 0 : this.#rows.cell(place, hourThen)
    }
  }

  /** Which views can be had for a forecast of `hour`; `running` is an hour that is known in part. */
  #usable(hour: number, running: number | undefined): boolean[] {
    const lastHour = this.#lastHour ?? Number.NEGATIVE_INFINITY
    const justNow = (then: number): boolean =>
      then === running || (then >= this.#runBegan && then <= lastHour)
    return [
      justNow(hour - 1),
      justNow(hour - 2),
      true,
      ...DAYS.map((lag) => hour - lag >= this.#firstHour && hour - lag <= lastHour),
    ]
  }
}
