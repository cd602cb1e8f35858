/**
 * Checks that what one instance warms stays within its budget: no more keys are being loaded for it at once than
 * one batch has. Goes by what the cache tells of its loads.
 */

import type { LoadEvent } from '../../src/contracts/events.ts'
import type { Violation } from './violation.ts'

export interface WarmingJudgeParts {
  readonly now: () => number
  readonly found: (violation: Violation) => void
  /** Keys in a batch, of which one is under way at once. */
  readonly batch: number
  /** A load that takes longer is not waited for, and may go on beside the next batch. */
  readonly longestMs: number
}

interface Span {
  readonly from: number
  readonly to: number
}

/** Virtual time is a sum of fractions. */
const SLACK_MS = 0.001

export class WarmingJudge {
  readonly #parts: WarmingJudgeParts
  /** By instance: its loads for warming of the last while. */
  readonly #loads = new Map<string, readonly Span[]>()

  constructor(parts: WarmingJudgeParts) {
    this.#parts = parts
  }

  /** A load has ended just now, with what was kept of it. */
  loaded(by: string, { reason, durationMs }: Pick<LoadEvent, 'reason' | 'durationMs'>): void {
    if (reason !== 'warming') return
    const { now, longestMs, batch, found } = this.#parts
    const at = now()
    const own: Span = { from: at - durationMs, to: at }
    const lately = (this.#loads.get(by) ?? []).filter(({ to }) => to > at - 2 * longestMs)
    this.#loads.set(by, [...lately, own])
    if (durationMs >= longestMs) return
    const beside = lately.filter(
      ({ from, to }) => to > own.from + SLACK_MS && to - from < longestMs,
    )
    if (beside.length < batch) return
    const text = `${by} loads ${beside.length + 1} keys at once to warm them, ${batch} are its budget`
    found({ guarantee: 'W1', at, text })
  }
}
