/**
 * A circuit breaker: after too many failures in a row nothing is asked for a while, so that callers do
 * not wait for what will not come (S5).
 *
 * Open, it lets one probe through after each rest; a probe that succeeds closes it. Round the shared
 * tier (`shared-access.ts`) and round each source (`loads.ts`).
 */

import type { Clock } from '../contracts/clock.ts'
import type { Random } from '../contracts/random.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerOptions {
  readonly clock: Clock
  readonly random: Random
  /** Failures in a row that open it. */
  readonly failures: number
  /** The first rest; each failed probe doubles it, up to `mostRestMs`. */
  readonly restMs: number
  readonly mostRestMs: number
  /** Told when the state changes; must not throw. */
  readonly onChange: (state: BreakerState) => void
}

export class Breaker {
  readonly #options: BreakerOptions
  #state: BreakerState = 'closed'
  #failures = 0
  #restMs: number
  #restsUntil = 0

  constructor(options: BreakerOptions) {
    this.#options = options
    this.#restMs = options.restMs
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Whether to ask. Who is let through must tell how it went. */
  admits(): boolean {
    if (this.#state === 'closed') return true
    const now = this.#options.clock.monotonic()
    if (now < this.#restsUntil) return false
    // A probe that never ends is not waited for for ever.
    this.#restsUntil = now + this.#options.mostRestMs
    if (this.#state === 'open') this.#turn('half-open')
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#restMs = this.#options.restMs
    if (this.#state !== 'closed') this.#turn('closed')
  }

  failed(): void {
    this.#failures += 1
    if (this.#state === 'half-open') {
      this.#restMs = Math.min(this.#restMs * 2, this.#options.mostRestMs)
      this.#open()
    } else if (this.#state === 'closed' && this.#failures >= this.#options.failures) {
      this.#open()
    }
  }

  /** The probe ended without a word on how it is: another may go. */
  abandoned(): void {
    if (this.#state === 'half-open') this.#open()
  }

  #open(): void {
    // Instances that met the same outage do not probe in step.
    const restMs = this.#restMs * (0.75 + this.#options.random.next() / 2)
    this.#restsUntil = this.#options.clock.monotonic() + restMs
    this.#turn('open')
  }

  #turn(state: BreakerState): void {
    this.#state = state
    this.#options.onChange(state)
  }
}
