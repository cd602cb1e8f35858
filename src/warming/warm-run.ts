/**
 * One warming: a sequence of keys, taken in batches within the budget, told of by events at least every
 * second.
 */

import type { Clock } from '../contracts/clock.ts'
import type { Report, WarmingEvent } from '../contracts/events.ts'
import type { WarmItem, WarmTally, WarmTarget } from '../contracts/warm-target.ts'
import type { WarmReport } from '../contracts/warming.ts'
import { expectedOf, itemBatches } from './item-batches.ts'
import type { SourcePace } from './source-pace.ts'
import type { WarmingBudget } from './warming-budget.ts'

/** Well under the second that is promised, on a machine that is busy too. */
const PROGRESS_MS = 500

export interface WarmRunParts {
  readonly clock: Clock
  readonly report: Report
  readonly budget: WarmingBudget
  readonly pace: SourcePace
  readonly target: WarmTarget
}

export interface WarmRunOptions {
  readonly reason: WarmingEvent['reason']
  readonly items: Iterable<WarmItem> | AsyncIterable<WarmItem>
  readonly signal: AbortSignal
  /** Never rejects. */
  readonly work: (batch: readonly WarmItem[]) => Promise<WarmTally>
  /** `changes`: told of once, at its end, and only where it has loaded something or failed to. */
  readonly told?: 'always' | 'changes'
}

/** @throws whatever `items` throws; whoever has asked for them tells that. */
export async function runWarming(
  parts: WarmRunParts,
  options: WarmRunOptions,
): Promise<WarmReport> {
  return await new WarmRun(parts, options).run()
}

class WarmRun {
  readonly #parts: WarmRunParts
  readonly #options: WarmRunOptions
  readonly #beganAt: number
  readonly #expected: number | undefined
  readonly #sum = { loaded: 0, fresh: 0, absent: 0, failed: 0 }
  #error: unknown

  constructor(parts: WarmRunParts, options: WarmRunOptions) {
    this.#parts = parts
    this.#options = options
    this.#beganAt = parts.clock.monotonic()
    this.#expected = expectedOf(options.items)
  }

  async run(): Promise<WarmReport> {
    const { signal, told = 'always' } = this.#options
    if (told === 'always') this.#tell('begun')
    const stopTelling = told === 'always' ? this.#tellProgress() : () => {}
    try {
      await this.#takeAll()
    } finally {
      stopTelling()
    }
    const outcome = signal.aborted ? 'cancelled' : 'done'
    const { loaded, failed } = this.#sum
    if (told === 'always' || loaded + failed > 0) this.#tell(outcome)
    return { outcome, ...this.#sum, durationMs: this.#elapsedMs }
  }

  async #takeAll(): Promise<void> {
    const { budget, pace, target } = this.#parts
    const { items, signal } = this.#options
    const underWay = new Set<Promise<void>>()
    try {
      for await (const batch of itemBatches(items, target.batch, signal)) {
        const end = await budget.turn(pace, batch.length, signal).catch(() => undefined)
        // Only an abort keeps a turn from coming.
        if (end === undefined) break
        const work = this.#take(batch).finally(() => {
          end()
          underWay.delete(work)
        })
        underWay.add(work)
      }
    } finally {
      await Promise.all(underWay)
    }
  }

  async #take(batch: readonly WarmItem[]): Promise<void> {
    const tally = await this.#options.work(batch)
    this.#sum.loaded += tally.loaded
    this.#sum.fresh += tally.fresh
    this.#sum.absent += tally.absent
    this.#sum.failed += tally.failed
    this.#error ??= tally.error
  }

  #tellProgress(): () => void {
    const { clock } = this.#parts
    const tell = (): void => {
      this.#tell('progress')
      cancel = clock.schedule(PROGRESS_MS, tell, 'upkeep')
    }
    let cancel = clock.schedule(PROGRESS_MS, tell, 'upkeep')
    return () => cancel()
  }

  get #elapsedMs(): number {
    return this.#parts.clock.monotonic() - this.#beganAt
  }

  #tell(state: WarmingEvent['state']): void {
    const { report, target } = this.#parts
    report({
      type: 'warming',
      pattern: target.pattern,
      reason: this.#options.reason,
      state,
      ...this.#sum,
      expected: this.#expected,
      elapsedMs: this.#elapsedMs,
      ticks: 0,
      error: this.#error,
    })
  }
}
