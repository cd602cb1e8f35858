/**
 * The clock of one simulated process. Its wall clock may jump; its monotonic clock never does, and
 * goes on while the process is paused.
 */

import type { Clock } from '../../src/contracts/clock.ts'
import type { Owner, VirtualTime } from './virtual-time.ts'

/** The wall clock where virtual time begins; whole milliseconds. */
export const BASE_MS: number = Date.UTC(2030, 0, 1)

export class InstanceClock implements Clock {
  readonly #time: VirtualTime
  readonly #owner: Owner
  #offsetMs: number

  constructor(time: VirtualTime, owner: Owner, offsetMs: number) {
    this.#time = time
    this.#owner = owner
    this.#offsetMs = offsetMs
  }

  now(): number {
    return BASE_MS + this.#offsetMs + this.#time.now
  }

  monotonic(): number {
    return this.#time.now
  }

  schedule(delayMs: number, task: () => void): () => void {
    if (delayMs === Number.POSITIVE_INFINITY) return () => {}
    return this.#time.after(Math.max(0, delayMs), task, this.#owner)
  }

  /** The wall clock alone, forward or back. */
  jump(byMs: number): void {
    this.#offsetMs += byMs
  }
}
