/**
 * Counts why entries left, and tells it once a tick for each pattern and cause: a scan that removes
 * a hundred thousand entries is one event. Only `EntryTable` calls it.
 */

import type { Clock } from '../contracts/clock.ts'
import type { RemovalCause, Report } from '../contracts/events.ts'

/** Counts of one pattern that have not been told yet. */
export interface PendingRemovals {
  readonly pattern: string
  readonly counts: Record<RemovalCause, number>
}

const CAUSES: readonly RemovalCause[] = ['deleted', 'replaced', 'expired', 'evicted', 'invalidated']

export class RemovalTally {
  readonly #clock: Clock
  readonly #report: Report
  readonly #pending = new Set<PendingRemovals>()
  /** What was counted for last: counting on for the same needs nothing more. */
  #latest: PendingRemovals | undefined
  #cancel: (() => void) | undefined
  #closed = false

  constructor(clock: Clock, report: Report) {
    this.#clock = clock
    this.#report = report
  }

  note(removals: PendingRemovals, cause: RemovalCause, count: number): void {
    if (count === 0 || this.#closed) return
    removals.counts[cause] += count
    if (removals === this.#latest) return
    this.#latest = removals
    this.#pending.add(removals)
    this.#cancel ??= this.#clock.schedule(0, () => this.#flush())
  }

  /** Tells what was counted so far, and nothing after. */
  close(): void {
    this.#flush()
    this.#closed = true
  }

  #flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#latest = undefined
    const told = [...this.#pending]
    this.#pending.clear()
    for (const { pattern, counts } of told) {
      for (const cause of CAUSES) {
        const count = counts[cause]
        counts[cause] = 0
        if (count > 0) this.#report({ type: 'removal', tier: 'memory', pattern, cause, count })
      }
    }
  }
}
