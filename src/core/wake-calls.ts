/**
 * Waiting for a message that may never come: for the end of a lease, or of a lock.
 *
 * Who waits is woken by the message or by time, whichever is first, and then looks for himself.
 */

import type { Clock } from '../contracts/clock.ts'

export class WakeCalls {
  readonly #clock: Clock
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when one of `names` is called, or after `delayMs`. */
  wait(names: readonly string[], delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        cancel()
        for (const name of names) this.#leave(name, over)
        resolve()
      }
      const cancel = this.#clock.schedule(delayMs, over)
      for (const name of names) {
        const others = this.#waiting.get(name)
        if (others === undefined) this.#waiting.set(name, new Set([over]))
        else others.add(over)
      }
    })
  }

  call(names: readonly string[]): void {
    for (const name of names) for (const wake of [...(this.#waiting.get(name) ?? [])]) wake()
  }

  callAll(): void {
    this.call([...this.#waiting.keys()])
  }

  #leave(name: string, wake: () => void): void {
    const others = this.#waiting.get(name)
    others?.delete(wake)
    if (others?.size === 0) this.#waiting.delete(name)
  }
}
