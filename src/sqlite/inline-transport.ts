/**
 * Runs an engine on the caller's own thread, driven by the injected clock alone: for simulations,
 * tests and tools that may block. `WorkerTransport` is what services use.
 */

import type { Clock } from '../contracts/clock.ts'
import { type CallOutcome, type Fault, interrupted } from './call-outcome.ts'
import { describeFault } from './describe-fault.ts'
import type { SqliteEngine } from './sqlite-engine.ts'
import type { Transport } from './transport.ts'

export class InlineTransport implements Transport {
  readonly opened: Promise<Fault | undefined>
  readonly #clock: Clock
  #engine: SqliteEngine | undefined
  #fault: Fault | undefined
  #cancelWork: () => void = () => {}

  /** `open` is called at once, in the constructor. */
  constructor(clock: Clock, open: () => SqliteEngine) {
    this.#clock = clock
    try {
      this.#engine = open()
      this.#workLater(this.#engine, 0)
    } catch (error) {
      this.#fault = describeFault(error)
    }
    this.opened = Promise.resolve(this.#fault)
  }

  defer(task: () => void): void {
    this.#clock.schedule(0, task)
  }

  listen(): void {
    // Who follows in time finds every change.
  }

  send(calls: readonly unknown[]): Promise<readonly CallOutcome[]> {
    if (this.#engine !== undefined) return Promise.resolve(this.#engine.run(calls))
    const fault = this.#fault ?? interrupted('The file was closed.')
    return Promise.resolve(calls.map(() => ({ ok: false, fault })))
  }

  async close(): Promise<void> {
    this.#cancelWork()
    this.#engine?.close()
    this.#engine = undefined
  }

  #workLater(engine: SqliteEngine, delayMs: number): void {
    const work = (): void => {
      const nextMs = engine.work()
      if (nextMs !== undefined) this.#workLater(engine, nextMs)
    }
    this.#cancelWork = this.#clock.schedule(delayMs, work, 'upkeep')
  }
}
