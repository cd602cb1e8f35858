/**
 * The one budget of all warming in this process: batches at once, and keys a second.
 *
 * Every batch takes its turn here, whatever it is warmed for. Those who wait are as many as there are
 * runs, which are bounded where they begin.
 */

import type { Clock } from '../contracts/clock.ts'
import { pause } from './pause.ts'
import type { SourcePace } from './source-pace.ts'

/** What was not used in so long may be used at once: a few keys do not wait for a timer each. */
const AT_ONCE_MS = 100

export interface WarmingBudgetOptions {
  readonly clock: Clock
  /** Batches at once. */
  readonly concurrency: number
  readonly perSecond: number
}

export class WarmingBudget {
  readonly #options: WarmingBudgetOptions
  readonly #queue: (() => void)[] = []
  #underWay = 0
  /** On the monotonic clock: when what was taken is paid for. */
  #paidAt = Number.NEGATIVE_INFINITY

  constructor(options: WarmingBudgetOptions) {
    this.#options = options
  }

  /** Resolves when so many keys of the source may be loaded, with what ends the turn. @throws its reason */
  async turn(pace: SourcePace, keys: number, signal: AbortSignal): Promise<() => void> {
    const { clock } = this.#options
    for (;;) {
      // Not in the queue, where a source that rests would stand in the way of the others.
      for (let waitMs = pace.waitMs; waitMs > 0; waitMs = pace.waitMs) {
        await pause(clock, waitMs, signal)
        signal.throwIfAborted()
      }
      await this.#place()
      if (!signal.aborted && pace.waitMs === 0) break
      this.#next()
      signal.throwIfAborted()
    }
    // Counted before it waits for its time, so that nobody else is let through to the same source.
    pace.begin()
    const end = (): void => {
      pace.end()
      this.#next()
    }
    const waitMs = this.#pay(keys)
    if (waitMs > 0) await pause(clock, waitMs, signal)
    if (!signal.aborted) return end
    end()
    throw signal.reason
  }

  async #place(): Promise<void> {
    if (this.#underWay < this.#options.concurrency) this.#underWay += 1
    else await new Promise<void>((resolve) => this.#queue.push(resolve))
  }

  /** Hands the place to the next in line. */
  #next(): void {
    const next = this.#queue.shift()
    if (next === undefined) this.#underWay -= 1
    else next()
  }

  /** How long these keys have to wait for those before them. */
  #pay(keys: number): number {
    const now = this.#options.clock.monotonic()
    const waitMs = Math.max(0, this.#paidAt - now - AT_ONCE_MS)
    this.#paidAt = Math.max(now, this.#paidAt) + (keys * 1000) / this.#options.perSecond
    return waitMs
  }
}
