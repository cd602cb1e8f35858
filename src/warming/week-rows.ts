/**
 * What each of the tracked keys was read in every hour of the week: a row of 168 cells a key.
 *
 * Counts are held as their square roots. The chance in a count of reads is then as large for hot
 * keys as for others, so that one measure of error fits all of them, and two bytes are enough.
 *
 * Called by `forecaster.ts`, which says which keys are tracked.
 */

import type { CacheKey } from '../contracts/source.ts'

export const HOURS_A_WEEK = 168

/** Of a cell: roots from 0 to 4,095 in steps of a sixteenth, so counts up to 16 million. */
const STEPS = 16
const CELL_MAX = 0xffff
/** How much of a cell is the latest week's; the rest is of the weeks before. */
const LATEST_WEEK = 0.6
/** With the key's places in the `Map` and the columns. */
const BYTES_A_ROW = HOURS_A_WEEK * 2 + 16 + 130

/** Hours are counted without an end; the hour of the week is the rest by 168. */
export class WeekRows<K extends CacheKey> {
  readonly #places = new Map<K, number>()
  readonly #free: number[] = []
  readonly #cells: Uint16Array
  /** Roots of the reads in the last whole hour, and in the one before. */
  #last: Float32Array
  #beforeLast: Float32Array
  /** The first hour that the row knows of. */
  readonly #since: Float64Array
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#cells = new Uint16Array(capacity * HOURS_A_WEEK)
    this.#last = new Float32Array(capacity)
    this.#beforeLast = new Float32Array(capacity)
    this.#since = new Float64Array(capacity)
    for (let place = capacity - 1; place >= 0; place -= 1) this.#free.push(place)
  }

  get size(): number {
    return this.#places.size
  }

  get sizeBytes(): number {
    return this.#capacity * BYTES_A_ROW
  }

  entries(): MapIterator<[K, number]> {
    return this.#places.entries()
  }

  place(key: K): number | undefined {
    return this.#places.get(key)
  }

  /** A row for `key` that knows of nothing before the hour `since`; nothing where there is no room. */
  open(key: K, since: number): number | undefined {
    const place = this.#free.pop()
    if (place === undefined) return undefined
    this.#places.set(key, place)
    this.#since[place] = since
    this.#last[place] = 0
    this.#beforeLast[place] = 0
    this.#cells.fill(0, place * HOURS_A_WEEK, (place + 1) * HOURS_A_WEEK)
    return place
  }

  close(key: K): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    this.#places.delete(key)
    this.#free.push(place)
  }

  /** The root of what is known of an hour of the week, that of `hour`. */
  cell(place: number, hour: number): number {
    return (this.#cells[place * HOURS_A_WEEK + (hour % HOURS_A_WEEK)] as number) / STEPS
  }

  last(place: number): number {
    return this.#last[place] as number
  }

  beforeLast(place: number): number {
    return this.#beforeLast[place] as number
  }

  since(place: number): number {
    return this.#since[place] as number
  }

  /** To be called once an hour, before `record`: what was the last hour is the one before it. */
  turn(): void {
    const emptied = this.#beforeLast
    this.#beforeLast = this.#last
    this.#last = emptied
    emptied.fill(0)
  }

  /** Learns the root of the reads in the hour that has just ended. */
  record(place: number, hour: number, root: number): void {
    const at = place * HOURS_A_WEEK + (hour % HOURS_A_WEEK)
    const before = (this.#cells[at] as number) / STEPS
    // A cell of which no earlier week is known takes what comes as it is.
    const known = hour - (this.#since[place] as number) >= HOURS_A_WEEK
    const cell = known ? before + LATEST_WEEK * (root - before) : root
    this.#cells[at] = Math.min(CELL_MAX, Math.round(cell * STEPS))
    this.#last[place] = root
  }

  /** The cells of the week that ends with `hour`, in order, as they are held: to be put back. */
  week(place: number, hour: number, into: Uint16Array): Uint16Array {
    const row = place * HOURS_A_WEEK
    const first = (hour + 1) % HOURS_A_WEEK
    into.set(this.#cells.subarray(row + first, row + HOURS_A_WEEK))
    into.set(this.#cells.subarray(row, row + first), HOURS_A_WEEK - first)
    return into
  }

  restoreWeek(place: number, hour: number, cells: Uint16Array): void {
    const row = place * HOURS_A_WEEK
    const first = (hour + 1) % HOURS_A_WEEK
    this.#cells.set(cells.subarray(0, HOURS_A_WEEK - first), row + first)
    this.#cells.set(cells.subarray(HOURS_A_WEEK - first), row)
  }
}
