/**
 * Reads of one collection, counted exactly and told as aggregates.
 *
 * A hit adds one to a field and does nothing else; `tell` turns the fields into events. It runs once
 * a second while somebody listens (`cache-engine.ts`).
 */

import type { Report } from '../contracts/events.ts'

export class ReadCounters {
  readonly #pattern: string
  memoryHits = 0
  memoryMisses = 0
  sharedHits = 0
  sharedMisses = 0

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  /** Reports what was counted since the last time, and starts again from zero. */
  tell(report: Report): void {
    const { memoryHits, memoryMisses, sharedHits, sharedMisses } = this
    this.memoryHits = 0
    this.memoryMisses = 0
    this.sharedHits = 0
    this.sharedMisses = 0
    this.#tellTier(report, 'memory', memoryHits, memoryMisses)
    this.#tellTier(report, 'shared', sharedHits, sharedMisses)
  }

  #tellTier(report: Report, tier: 'memory' | 'shared', hits: number, misses: number): void {
    if (hits + misses === 0) return
    report({ type: 'reads', tier, pattern: this.#pattern, hits, misses })
  }
}
