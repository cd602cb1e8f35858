/** A source with a fixed delay, which knows how long it really took. Called by the suites. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Item } from '../subjects/item.ts'

export class SlowSource {
  readonly #delayMs: number
  #elapsedMs = 0
  #loads = 0

  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  get loads(): number {
    return this.#loads
  }

  /** Answers `value` after the delay. */
  async load(value: Item): Promise<Item> {
    this.#loads += 1
    const startedAt = performance.now()
    await pause(this.#delayMs)
    this.#elapsedMs += performance.now() - startedAt
    return value
  }

  /** What loads have taken since this was asked last. A timer is never exact. */
  takeElapsedMs(): number {
    const elapsedMs = this.#elapsedMs
    this.#elapsedMs = 0
    return elapsedMs
  }
}
