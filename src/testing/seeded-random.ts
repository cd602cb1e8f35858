/** Chance that can be had again: the same seed gives the same numbers and identities. */

import type { Random } from '../contracts/random.ts'

/** SplitMix32 over a counter: every seed is a good one, also 0, 1 and 2. */
export class SeededRandom implements Random {
  #state: number
  #ids = 0

  constructor(seed: number) {
    this.#state = seed | 0
  }

  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let mixed = this.#state ^ (this.#state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 0x1_0000_0000
  }

  /** Unlike others of this object, and alike for each run of a seed. */
  id(): string {
    this.#ids += 1
    return `id${this.#ids}x${Math.floor(this.next() * 0x1_0000_0000).toString(36)}`
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** One of `choices`, which must not be empty. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }
}
