/**
 * Checks that what is loaded ahead is loaded once by all instances: while nothing goes wrong and nothing
 * changes a key, no load of it comes soon after another one.
 */

import type { Violation } from './violation.ts'

export interface LoadJudgeParts {
  readonly now: () => number
  readonly found: (violation: Violation) => void
  /** A value that was loaded need not be loaded again for so long. */
  readonly keptMs: number
  /** When an instance last went without an answer of the tier, or began. */
  readonly troubledAt: () => number
  /** Writes are under way: what is loaded beside them is kept nowhere. */
  readonly isWritten: () => boolean
}

interface KeyLoads {
  underWay: number
  changedAt: number
  /** Until then somebody may insist on a load. */
  neededUntil: number
  /** When a load that others may have waited for has ended, and by whom. */
  long: { readonly ended: number; readonly by: string } | undefined
  /** When the last load that stored its value had begun and ended, and by whom. */
  last: { readonly began: number; readonly ended: number; readonly by: string } | undefined
}

/** A load begins so long after its lease was granted at most. */
const GRANTED_MS = 300
/**
 * Who has waited for half a second loads beside it, also after its end: the last look, where no message tells of
 * the end, may be so long before that.
 */
const LONGEST_MS = 125
/** Half of the time that readers have: who has waited so long for a load that took long may load past the tier. */
const WAITED_MS = 500

export class LoadJudge {
  readonly #parts: LoadJudgeParts
  readonly #keys = new Map<string, KeyLoads>()
  #faultsUntil = Number.NEGATIVE_INFINITY

  constructor(parts: LoadJudgeParts) {
    this.#parts = parts
  }

  /** Whatever is loaded next is needed. */
  changed(key: string): void {
    const loads = this.#of(key)
    loads.last = undefined
    loads.changedAt = this.#parts.now()
  }

  /** Somebody asks for more than what is kept, for so long. */
  needed(key: string, until: number): void {
    const loads = this.#of(key)
    loads.neededUntil = Math.max(loads.neededUntil, until)
  }

  /** Until then nobody is to be blamed. */
  fault(until: number): void {
    this.#faultsUntil = Math.max(this.#faultsUntil, until)
  }

  /** @returns to be called at its end; `found`: with a value. */
  began(key: string, by: string): (found: boolean) => void {
    const loads = this.#of(key)
    const began = this.#parts.now()
    // Who waited too long for another's load loads beside it.
    const beside = loads.underWay > 0
    if (beside || this.#parts.isWritten()) loads.last = undefined
    const before = loads.last
    loads.underWay += 1
    return (found) => {
      loads.underWay -= 1
      const { last } = loads
      if (last !== before || loads.underWay > 0) return
      const ended = this.#parts.now()
      const changed = loads.changedAt >= began - GRANTED_MS || this.#parts.isWritten()
      const isLong = ended - began >= LONGEST_MS
      const { long } = loads
      const mayBePast = long !== undefined && long.by !== by && began - long.ended < WAITED_MS
      if (isLong) loads.long = { ended, by }
      const isKept = found && !changed && !isLong && !mayBePast
      loads.last = isKept ? { began, ended, by } : undefined
      if (before === undefined || began - before.ended >= this.#parts.keptMs) return
      if (loads.neededUntil >= before.began) return
      if (this.#faultsUntil >= before.began || this.#parts.troubledAt() >= before.began) return
      const ago = Math.round(began - before.ended)
      const text = `${by} loads ${key} ${ago} ms after ${before.by} has, and nothing came between`
      this.#parts.found({ guarantee: 'S2', at: this.#parts.now(), text })
    }
  }

  #of(key: string): KeyLoads {
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const loads: KeyLoads = {
      underWay: 0,
      changedAt: Number.NEGATIVE_INFINITY,
      neededUntil: Number.NEGATIVE_INFINITY,
      long: undefined,
      last: undefined,
    }
    this.#keys.set(key, loads)
    return loads
  }
}
