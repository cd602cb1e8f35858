/**
 * Runs an engine on the caller's own thread, driven by the injected clock alone: for simulations,
 * tests and tools that may block. `WorkerTransport` is what services use.
 */

import type { Clock } from '../contracts/clock.ts'
import type { CallOutcome, Fault } from './call-outcome.ts'
import type { SqliteEngine } from './sqlite-engine.ts'
import type { Transport } from './transport.ts'

export class InlineTransport implements Transport {
  readonly #clock: Clock
  readonly #engine: SqliteEngine
  #cancelWork: () => void = () => {}

  constructor(clock: Clock, engine: SqliteEngine) {
    this.#clock = clock
    this.#engine = engine
    this.#workLater(0)
  }

  opened(): Promise<Fault | undefined> {
    return Promise.resolve(this.#engine.fault)
  }

  defer(task: () => void): void {
    this.#clock.schedule(0, task)
  }

  listen(): void {
    // Who follows in time finds every change.
  }

  send(calls: readonly unknown[]): Promise<readonly CallOutcome[]> {
    return Promise.resolve(this.#engine.run(calls))
  }

  async close(): Promise<void> {
    this.#cancelWork()
    this.#engine.close()
  }

  #workLater(delayMs: number): void {
    const work = (): void => {
      const nextMs = this.#engine.work()
      if (nextMs !== undefined) this.#workLater(nextMs)
    }
    this.#cancelWork = this.#clock.schedule(delayMs, work, 'upkeep')
  }
}
