/**
 * A clock that stands still until it is told to move.
 *
 * Both of its clocks move together by `advance`; the wall clock alone can be set, as by an operator
 * or a bad time server. Tasks without delay are run by the real event loop as soon as what is
 * running has come to rest, so that batches close by themselves and a test need not know of them.
 */

import type { Clock } from '../contracts/clock.ts'

interface Timer {
  readonly dueAt: number
  readonly order: number
  readonly task: () => void
}

/** What is waited for is a matter of minutes. */
const MOST_UNTIL_MS = 3_600_000
/** In a row, of a millisecond each, in which no task is left. */
const MOST_IDLE_LOOKS = 2_000

/** Not an hour that anything could take for real. */
const FIRST_NOW = Date.UTC(2030, 0, 1)

export class FakeClock implements Clock {
  #monotonic = 0
  #wallOffset: number
  #order = 0
  readonly #timers = new Set<Timer>()

  constructor(now: number = FIRST_NOW) {
    this.#wallOffset = now
  }

  /** Delayed tasks that have neither run nor been cancelled. A test that ends well ends with 0. */
  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#wallOffset + this.#monotonic
  }

  monotonic(): number {
    return this.#monotonic
  }

  schedule(delayMs: number, task: () => void): () => void {
    if (delayMs <= 0) {
      const immediate = setImmediate(task)
      return () => clearImmediate(immediate)
    }
    this.#order += 1
    const timer: Timer = { dueAt: this.#monotonic + delayMs, order: this.#order, task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves the wall clock alone. */
  setNow(now: number): void {
    this.#wallOffset = now - this.#monotonic
  }

  /**
   * Moves both clocks on, running each task at its time and letting everything come to rest before
   * the next.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await this.settle()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#monotonic = Math.max(this.#monotonic, next.dueAt)
      next.task()
      await this.settle()
    }
    this.#monotonic = end
  }

  /**
   * What `work` settles with, moving both clocks on until it does, from one task to the next: for `close()` and
   * `flush()` with writes that wait, timeouts, and whatever else waits for time. Of a tier in another thread or
   * process, which knows nothing of this clock, an answer may come too late by it.
   *
   * @throws whatever `work` rejects with; Error where `mostMs` of the clock were not enough, an hour unless it is
   * said, or where nothing is left that time could bring about.
   */
  async until<T>(work: Promise<T>, mostMs: number = MOST_UNTIL_MS): Promise<T> {
    const state = { isOver: false }
    const end = (): void => {
      state.isOver = true
    }
    work.then(end, end)
    const last = this.#monotonic + mostMs
    for (let idle = 0; !state.isOver && idle < MOST_IDLE_LOOKS; ) {
      await this.settle()
      if (state.isOver) break
      const next = this.#next(last)
      if (next !== undefined) await this.advance(Math.max(0, next.dueAt - this.#monotonic))
      // Another thread or process may still have something to say.
      else await new Promise<void>((resolve) => setTimeout(resolve, 1))
      idle = next === undefined ? idle + 1 : 0
    }
    if (state.isOver) return await work
    throw new Error(`It has not settled within ${mostMs} ms of the clock.`)
  }

  /** Lets what is running come to rest, without moving the clock. */
  async settle(): Promise<void> {
    // A batch may open another: read, claim, load and fill are four in a row.
    for (let turn = 0; turn < 12; turn += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueAt > end) continue
      const earlier =
        next === undefined ||
        timer.dueAt < next.dueAt ||
        (timer.dueAt === next.dueAt && timer.order < next.order)
      if (earlier) next = timer
    }
    return next
  }
}
