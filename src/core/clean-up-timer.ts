/**
 * When clean-ups are due: a moment after the first collection that has them was declared, and at a fixed
 * interval from then on. Every process keeps the time; whoever finds that another has done the work
 * lately does nothing, and one that finds another at it looks again when its lock would have ended, in
 * case it has died.
 */

import { cleanUp } from './clean-up.ts'
import type { Engine } from './engine.ts'

/** Collections are declared one after the other, and the tier opens meanwhile. */
const START_MS = 1_000
/** A deploy starts every process anew, and one clean-up is enough for it. */
const SHARE_AT_START = 1 / 6
/** Processes do not keep step: those whose time comes a little early count it as theirs. */
const SHARE_BETWEEN = 0.9

export class CleanUpTimer {
  readonly #engine: Engine
  #everyMs = Number.POSITIVE_INFINITY
  #cancel: (() => void) | undefined
  #began = false

  constructor(engine: Engine) {
    this.#engine = engine
    engine.onClose(() => this.#cancel?.())
  }

  /** A collection has clean-ups; the shortest time of all is kept. */
  declared(everyMs: number): void {
    const known = this.#everyMs
    this.#everyMs = Math.min(known, everyMs)
    if (!this.#began) {
      this.#began = true
      this.#arm(START_MS, SHARE_AT_START)
    }
  }

  #arm(delayMs: number, share: number): void {
    if (this.#engine.closing.aborted) return
    const { clock, random, background } = this.#engine
    // Those that were started together do not ask together.
    const jittered = delayMs * (1 + random.next() / 10)
    const run = (): void => background.run('clean-up', this.#run(share))
    this.#cancel = clock.schedule(jittered, run, 'upkeep')
  }

  async #run(share: number): Promise<void> {
    const { spaces, closing } = this.#engine
    let nextMs = this.#everyMs
    let nextShare = SHARE_BETWEEN
    try {
      const unlessWithinMs = this.#everyMs * share
      const outcome = await cleanUp(this.#engine, {
        spaces: [...spaces.values()],
        signal: closing,
        unlessWithinMs,
      })
      if (outcome.kind === 'held')
        [nextMs, nextShare] = [Math.max(START_MS, outcome.remainingMs), share]
    } catch (error) {
      if (!closing.aborted) throw error
    } finally {
      this.#arm(nextMs, nextShare)
    }
  }
}
