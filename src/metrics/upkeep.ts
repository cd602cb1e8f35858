/**
 * Looks at the figures once a second while something happens, ever less often while nothing does, and not
 * at all once time alone changes nothing either: a cache that rests costs nothing.
 */

import type { Clock } from '../contracts/clock.ts'

const EVERY_MS = 1_000
const LONGEST_MS = 60_000

export class Upkeep {
  readonly #clock: Clock
  readonly #task: () => 'rest' | 'go on'
  #cancel: (() => void) | undefined
  #delayMs = EVERY_MS
  #isAwake = false
  #isRunning = false
  #closed = false

  /** `rest`: nothing that was seen changes by time alone. */
  constructor(clock: Clock, task: () => 'rest' | 'go on') {
    this.#clock = clock
    this.#task = task
  }

  /** Something has happened. */
  wake(): void {
    if (this.#isAwake || this.#closed) return
    this.#isAwake = true
    if (this.#isRunning || (this.#cancel !== undefined && this.#delayMs === EVERY_MS)) return
    this.#delayMs = EVERY_MS
    this.#arm()
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(): void {
    this.#cancel?.()
    this.#cancel = this.#clock.schedule(this.#delayMs, () => this.#run(), 'upkeep')
  }

  #run(): void {
    this.#cancel = undefined
    this.#isRunning = true
    // It tells of reads that were counted meanwhile: those are news as well.
    const next = this.#task()
    this.#isRunning = false
    if (this.#closed || (next === 'rest' && !this.#isAwake)) return
    this.#delayMs = this.#isAwake ? EVERY_MS : Math.min(LONGEST_MS, this.#delayMs * 2)
    this.#isAwake = false
    this.#arm()
  }
}
