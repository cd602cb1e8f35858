/** Leaves the figures of this instance in the shared tier from time to time, and reads those of all others. */

import type { InstanceReport, MetricsSnapshot } from '../contracts/metrics.ts'
import type { Engine } from './engine.ts'
import type { FleetRecords } from './fleet-records.ts'

export interface FleetTellingParts {
  readonly engine: Engine
  readonly records: FleetRecords
  /** `undefined`: this instance is not shown to others. */
  readonly everyMs: number | undefined
  readonly stats: () => Promise<MetricsSnapshot>
}

/** A record outlives two turns that were missed. */
const TURNS = 3
const MAX_PATTERNS = 50
const MIN_LIFE_MS = 5_000

export class FleetTelling {
  readonly #parts: FleetTellingParts
  #cancel: (() => void) | undefined

  constructor(parts: FleetTellingParts) {
    this.#parts = parts
    if (parts.everyMs === undefined) return
    this.#arm(parts.everyMs)
    parts.engine.onClose(() => this.#cancel?.())
  }

  /** By name. What cannot be read is none. @throws TierError */
  async others(): Promise<readonly InstanceReport[]> {
    const found = (await this.#parts.records.others()).filter(isReport)
    const others = found.map(({ instance, at, stats }) => ({ instance, at, own: false, stats }))
    return others.sort((one, other) => (one.instance < other.instance ? -1 : 1))
  }

  #arm(everyMs: number): void {
    const { engine } = this.#parts
    if (engine.closing.aborted) return
    const run = (): void => engine.background.run('fleet', this.#tell(everyMs))
    this.#cancel = engine.clock.schedule(everyMs, run, 'upkeep')
  }

  async #tell(everyMs: number): Promise<void> {
    const { records, stats, engine } = this.#parts
    try {
      const { patterns, ...figures } = await stats()
      const condensed = { ...figures, patterns: patterns.slice(0, MAX_PATTERNS) }
      const { instance, at } = figures
      const life = Math.max(MIN_LIFE_MS, everyMs * TURNS)
      // That the tier does not answer is told by the tier's own events.
      await records.leave({ instance, at, stats: condensed }, life).catch(() => {})
    } finally {
      if (!engine.closing.aborted) this.#arm(everyMs)
    }
  }
}

function isReport(record: unknown): record is InstanceReport {
  const { instance, at, stats } = (record ?? {}) as Partial<InstanceReport>
  return typeof instance === 'string' && typeof at === 'number' && typeof stats === 'object'
}
