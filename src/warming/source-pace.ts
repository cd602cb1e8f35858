/**
 * When one source may be asked for something that nobody waits for yet: not while readers need it, and
 * not while it is in trouble.
 */

import type { Clock } from '../contracts/clock.ts'
import type { SourceCall, SourcePressure } from '../contracts/warm-target.ts'
import { UsualLatency } from './usual-latency.ts'

/** Between two looks at a source that readers need. */
const LOOK_MS = 20
/** Slow calls in a row that are trouble: one alone may be a pause of the process itself. */
const TROUBLE = 3
const FIRST_REST_MS = 1_000
const MOST_REST_MS = 30_000

export interface SourcePaceParts {
  readonly clock: Clock
  readonly pressure: SourcePressure
  /** Share of its calls beyond which readers have it for themselves. */
  readonly yieldAt: number
  /** Times its usual time beyond which it is left alone. */
  readonly restAt: number
}

export class SourcePace {
  readonly #parts: SourcePaceParts
  readonly #usual = new UsualLatency()
  #restMs = FIRST_REST_MS
  #restsUntil = Number.NEGATIVE_INFINITY
  /** After a rest one batch is let through to see. */
  #tries = 0
  /** Calls in a row that were slow, or have failed. */
  #inARow = 0
  #underWay = 0

  constructor(parts: SourcePaceParts) {
    this.#parts = parts
    parts.pressure.listen((call) => this.#heard(call))
  }

  /** 0: a batch may begin now. Otherwise, when to look again. */
  get waitMs(): number {
    const { clock, pressure, yieldAt } = this.#parts
    const restMs = this.#restsUntil - clock.monotonic()
    if (restMs > 0) return restMs
    if (this.#tries > 0 && this.#underWay > 0) return LOOK_MS
    const busy = pressure.foreground > pressure.limit * yieldAt || pressure.waiting > 0
    return busy ? LOOK_MS : 0
  }

  begin(): void {
    this.#underWay += 1
  }

  end(): void {
    this.#underWay -= 1
  }

  #heard(call: SourceCall): void {
    const at = this.#parts.clock.monotonic()
    // Heard of late, calls that began before the rest say nothing of what the rest has done.
    if (at < this.#restsUntil) return
    const { keys, durationMs } = call
    if (!call.failed && !this.#usual.exceeds({ keys, durationMs, at }, this.#parts.restAt)) {
      this.#inARow = 0
      this.#tries = 0
      this.#restMs = FIRST_REST_MS
      return
    }
    this.#inARow += 1
    if (this.#tries === 0 && this.#inARow < TROUBLE) return
    this.#inARow = 0
    this.#tries += 1
    this.#restsUntil = at + this.#restMs
    this.#restMs = Math.min(MOST_REST_MS, this.#restMs * 2)
  }
}
