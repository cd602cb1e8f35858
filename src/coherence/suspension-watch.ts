/**
 * Sees that the machine stood still: the wall clock has gone on, the monotonic clock has not.
 *
 * Looked at with each beat, hint and answer. A suspended laptop or virtual machine would otherwise
 * believe that its last follow was sent a moment ago.
 */

import type { Clock } from '../contracts/clock.ts'

/** A step of a time server that is larger costs one needless follow. */
const JUMP_MS = 1000

export class SuspensionWatch {
  readonly #clock: Clock
  #offset: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#offset = offsetOf(clock)
  }

  /** Whether it stood still since the last look. */
  look(): boolean {
    const offset = offsetOf(this.#clock)
    const jumped = offset - this.#offset > JUMP_MS
    this.#offset = offset
    return jumped
  }
}

function offsetOf(clock: Clock): number {
  return clock.now() - clock.monotonic()
}
