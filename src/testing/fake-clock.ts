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
