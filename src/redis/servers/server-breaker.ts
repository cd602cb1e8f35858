/**
 * Lets a server that does not answer be asked by few: what is asked of the others must not wait for it.
 *
 * After some failures in a row only follows go through, and one step in each rest; whichever is answered
 * first opens the way for all.
 */

import type { Clock } from '../../contracts/clock.ts'

const FAILURES = 3
const REST_MS = 1_000

export class ServerBreaker {
  readonly #clock: Clock
  #failures = 0
  #restsUntil = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether to ask. Who is let through must tell how it went. */
  admits(): boolean {
    if (this.#failures < FAILURES) return true
    const now = this.#clock.monotonic()
    if (now < this.#restsUntil) return false
    this.#restsUntil = now + REST_MS
    return true
  }

  answered(): void {
    this.#failures = 0
  }

  failed(): void {
    this.#failures += 1
    if (this.#failures === FAILURES) this.#restsUntil = this.#clock.monotonic() + REST_MS
  }
}
