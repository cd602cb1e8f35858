/**
 * Draws a share of what it is asked for, and never more than that: one in each window of as many as make
 * one draw, at a random place in it, so that reads that come round in turn are all met in time.
 */

import type { Random } from '../contracts/random.ts'

export class ShareSampler {
  readonly #random: Random
  readonly #window: number
  #asked = 0
  #windowEnd: number
  #next: number

  /** `share`: above 0, at most 1. */
  constructor(share: number, random: Random) {
    this.#random = random
    this.#window = 1 / share
    this.#windowEnd = this.#window
    // A window late: at no moment were there more draws than the share of what was asked.
    this.#next = this.#place()
  }

  draws(): boolean {
    this.#asked += 1
    if (this.#asked < this.#next) return false
    this.#windowEnd += this.#window
    this.#next = this.#place()
    return true
  }

  #place(): number {
    return this.#windowEnd + Math.floor(this.#random.next() * this.#window)
  }
}
