/** A wait that can be cut short. Not cut short, it keeps no process alive. */

import type { Clock } from '../../contracts/clock.ts'

export class Pause {
  readonly #clock: Pick<Clock, 'schedule'>
  #end: (() => void) | undefined

  constructor(clock: Pick<Clock, 'schedule'>) {
    this.#clock = clock
  }

  async take(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#clock.schedule(ms, resolve, 'upkeep')
    this.#end = resolve
    await promise
    this.#end = undefined
    cancel()
  }

  /** Of the wait that is under way, if there is one. */
  end(): void {
    this.#end?.()
  }
}
