/**
 * Removes what has expired and is not asked for any more, from time to time.
 *
 * One timer for the whole tier, running only while there is something to expire. Each scan goes in
 * slices, a turn of the event loop each. Called by the memory tier.
 */

import type { Clock } from '../contracts/clock.ts'
import type { EntryTable } from './entry-table.ts'

export class ExpiryScan {
  readonly #clock: Clock
  readonly #table: EntryTable
  readonly #everyMs: number
  #cancel: (() => void) | undefined

  constructor(clock: Clock, table: EntryTable, everyMs: number) {
    this.#clock = clock
    this.#table = table
    this.#everyMs = everyMs
  }

  /** Makes sure that a scan is on its way. */
  arm(): void {
    if (this.#cancel !== undefined || this.#table.entries === 0) return
    if (this.#everyMs === Number.POSITIVE_INFINITY) return
    this.#cancel = this.#clock.schedule(this.#everyMs, () => this.#slice(0), 'upkeep')
  }

  disarm(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #slice(from: number): void {
    this.#cancel = undefined
    const next = this.#table.expireSlice(from, this.#clock.monotonic())
    if (next === -1) this.arm()
    else this.#cancel = this.#clock.schedule(0, () => this.#slice(next))
  }
}
