/** Sees when this process had no turn: stopped, or without a processor. Used by both sides. */

import type { Stall } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'

const LOOK_EVERY_MS = 20
/** Turns that come later than this are told. */
const STALL_MS = 100

export class StallWatch {
  readonly #told: (stall: Stall) => void
  readonly #timer = setInterval(() => this.look(), LOOK_EVERY_MS)
  #turnAt = monotonicMs()

  constructor(told: (stall: Stall) => void) {
    this.#told = told
  }

  look(): void {
    const now = monotonicMs()
    if (now - this.#turnAt > STALL_MS) this.#told({ from: this.#turnAt, to: now })
    this.#turnAt = now
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
